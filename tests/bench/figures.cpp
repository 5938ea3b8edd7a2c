// SPDX-License-Identifier: BSD-3-Clause
#include "tests/bench/figures.h"
#include "kernel/abi/calls/grants.h"
#include "kernel/abi/calls/information.h"
#include "kernel/abi/calls/time_and_log.h"
#include "servers/protocols/ds.h"
#include "servers/protocols/pm.h"
#include "servers/runtime/clock.h"
#include "servers/runtime/grants.h"
#include "servers/runtime/kernel.h"
#include "servers/runtime/service_connection.h"
#include "tests/bench/echo_protocol.h"
#include "tests/bench/pages.h"
#include "tests/target/uart_interrupts.h"
#include <csignal>
#include <cstring>
#include <string>

namespace tessera::bench {

namespace {

constexpr std::size_t many = 2000, some = 200;

std::uint64_t ask_echo(Endpoint echo, std::uint64_t request) {
    Message message;
    message.words[0] = request;
    const auto answer = send_receive(echo, message);
    return answer.has_value() ? answer->words[0] : 0;
}

} // namespace

void kernel_calls_figures(const Meter& meter) {
    meter.run("call.null", many, [] { (void)kernel_call<kernel_calls::Null>({}); });
    meter.run("call.clock_read", many, [] { (void)kernel_call<kernel_calls::ClockRead>({}); });
    meter.run("clock.page", many, [] {
        const Nanoseconds time = now();
        asm volatile("" : : "r"(time.value));
    });
}

// raise() with the two changes of the mask that the C library makes around it, the handler, and back.
void signal_figures(const Meter& meter) {
    std::signal(SIGUSR1, [](int) {});
    meter.run("signal.self", some, [] { (void)raise(SIGUSR1); });
}

void message_figures(const Meter& meter, Endpoint echo) {
    Message message;
    for (std::uint64_t i = 0; i < message_words; ++i) message.words[i] = i + 1;
    meter.run("message.roundtrip.other_space", many, [&] {
        const auto answer = send_receive(echo, message);
        if (answer.has_value()) message = *answer;
    });
    // The partner is more urgent: it has read the counter before notify returns here.
    std::vector<std::uint64_t> samples(some);
    for (std::uint64_t& sample : samples) {
        const std::uint64_t begin = __rdtsc();
        (void)notify(echo);
        sample = ask_echo(echo, request_wake_time) - begin;
    }
    meter.report("notify.wake", samples);
}

// An interrupt is raised by a kernel call that writes to a port: what such a call costs alone is taken off. The driver
// is more urgent: it has served the interrupt and waits again before the call returns here.
void interrupt_figures(const Meter& meter, Endpoint echo) {
    const target::UartInterrupts uart;
    const std::uint64_t plain = meter.least([&] { uart.plain_write(); });
    std::vector<std::uint64_t> there(some), and_back(some);
    for (std::size_t i = 0; i < some; ++i) {
        const std::uint64_t begin = __rdtsc();
        uart.raise();
        const std::uint64_t end = __rdtsc();
        there[i] = ask_echo(echo, request_wake_time) - begin - plain;
        and_back[i] = end - begin - plain;
    }
    meter.report("irq.to_driver", there);
    meter.report("irq.to_driver.and_back", and_back);
}

void copy_figures(const Meter& meter, Endpoint echo) {
    constexpr std::size_t bytes = 65536;
    std::vector<std::byte> own(bytes), other(bytes, std::byte{1});
    meter.run("memcpy.64k", some, [&] {
        std::memcpy(own.data(), other.data(), bytes);
        asm volatile("" : : "r"(own.data()) : "memory");
    });
    grant_figures(meter, echo, GrantId::from_value(static_cast<std::uint32_t>(ask_echo(echo, request_grant))));
}

void memory_figures(const Meter& meter) {
    constexpr std::size_t pages = 256;
    std::byte* const memory = map_pages(pages);
    if (memory == nullptr) return;
    std::byte* next = memory;
    std::vector<std::uint64_t> samples(pages);
    for (std::uint64_t& sample : samples) {
        const std::uint64_t begin = __rdtsc();
        touch(next);
        sample = __rdtsc() - begin;
        next += page_bytes;
    }
    meter.report("fault.demand_zero", samples);
    munmap(memory, pages * page_bytes);

    meter.run("mmap.munmap", some, [] { munmap(map_pages(1), page_bytes); });
    meter.run("mmap.touch.munmap", some, [] {
        std::byte* const page = map_pages(1);
        touch(page);
        munmap(page, page_bytes);
    });
}

void process_figures() {
    using namespace protocol::pm;
    runtime::ServiceConnection<PmProtocol> pm{"pm"};
    const auto program = pm.call<Spawn>({.program = Name("bench_user")});
    if (program.has_value()) (void)pm.call<Wait>({.process_id = program->process_id});
}

void data_store_figures(const Meter& meter) {
    using namespace protocol::ds;
    runtime::GrantTable grants;
    runtime::ServiceConnection<DsProtocol> ds{"ds"};
    const std::string key = "bench.number";
    const auto endpoint = ds.endpoint();
    if (!endpoint.has_value()) return;
    const auto grant = grants.readable(*endpoint, std::as_bytes(std::span(key)));
    if (!grant.has_value()) return;
    const Buffer buffer{grant->id(), static_cast<std::uint32_t>(key.size())};
    (void)ds.call<PublishU32>({buffer, 42, Overwrite::allow});
    meter.run("ds.retrieve.u32", some, [&] { (void)ds.call<RetrieveU32>({buffer, EntryType::u32}); });
    (void)ds.call<Delete>({buffer, EntryType::u32});
}

} // namespace tessera::bench
