// SPDX-License-Identifier: BSD-3-Clause
// Raises interrupts and counts what arrives: each exactly once, none lost. `start=interrupt_test` on the boot command
// line; `interrupts.count=N` says how many (10,000).

#include "kernel/abi/boot_info.h"
#include "kernel/abi/calls/devices.h"
#include "kernel/abi/calls/information.h"
#include "kernel/abi/calls/time_and_log.h"
#include "servers/protocols/rs.h"
#include "servers/runtime/client.h"
#include "servers/runtime/clock.h"
#include "servers/runtime/log_format.h"
#include "tests/target/uart_interrupts.h"
#include <charconv>
#include <string_view>

using namespace tessera;
using kernel_calls::InterruptEnable;
using kernel_calls::InterruptsRead;
using target::UartInterrupts;

namespace {

struct Tally {
    std::uint64_t raised = 0;
    std::uint64_t received = 0;
    std::uint64_t lost = 0; // did not arrive within the time
};

std::uint64_t wanted_count() {
    std::uint64_t count = 10'000;
    kernel_calls::MachineInformation machine;
    const VirtualAddress address{reinterpret_cast<std::uint64_t>(&machine)};
    if (!kernel_call<kernel_calls::MachineRead>({.address = address}).has_value()) return count;
    const std::string_view line = machine.command_line.data();
    constexpr std::string_view option = "interrupts.count=";
    if (const std::size_t at = line.find(option); at != std::string_view::npos)
        std::from_chars(line.data() + at + option.size(), line.data() + line.size(), count);
    return count;
}

bool enable() { return kernel_call<InterruptEnable>({UartInterrupts::line}).has_value(); }

// Waits for an interrupt, but not for ever.
bool await(Tally& tally, Nanoseconds patience) {
    (void)kernel_call<kernel_calls::AlarmSet>({.deadline = now() + patience});
    for (;;) {
        const auto received = receive();
        if (!received.has_value()) return false;
        if (received->source == endpoints::clock) return false;
        if (received->source == endpoints::rs) (void)notify(endpoints::rs); // heartbeat
        if (received->source != endpoints::hardware) continue;
        ++tally.received;
        return true;
    }
}

// Raises the line; true when the interrupt arrived.
void expect(Tally& tally, const UartInterrupts& uart) {
    constexpr Nanoseconds patience = milliseconds(2000);
    if (!await(tally, patience)) ++tally.lost;
    (void)uart.take_back();
}

// Every eighth time the next interrupt comes before the line is enabled again: it must be kept.
Tally count(const UartInterrupts& uart, std::uint64_t wanted) {
    Tally tally;
    while (tally.raised < wanted && tally.lost == 0) {
        uart.raise();
        ++tally.raised;
        expect(tally, uart);
        const bool again = tally.raised % 8 == 0 && tally.raised < wanted;
        if (again) {
            uart.raise();
            ++tally.raised;
        }
        if (!enable()) ++tally.lost;
        if (!again) continue;
        expect(tally, uart);
        if (!enable()) ++tally.lost;
    }
    return tally;
}

} // namespace

int main() {
    (void)runtime::call<protocol::rs::RsProtocol, protocol::rs::Ready>(endpoints::rs, {});
    const UartInterrupts uart;
    if (!enable()) {
        log_error("INTERRUPTS FAILED: the line is not ours");
        return 1;
    }
    const Nanoseconds begin = now();
    Tally tally = count(uart, wanted_count());
    const std::uint64_t took = (now().value - begin.value) / 1'000'000;
    (void)await(tally, milliseconds(20)); // one too many
    const auto kernel = kernel_call<InterruptsRead>({UartInterrupts::line});
    const InterruptsRead::Reply line = kernel.has_value() ? *kernel : InterruptsRead::Reply{};
    log_info(
        "INTERRUPTS raised {}, received {}, lost {}; kernel: raised {}, delivered {}, spurious {}, contained {}; {} ms",
        tally.raised, tally.received, tally.lost, line.raised, line.delivered, line.spurious, line.contained, took);
    const bool exact = tally.lost == 0 && tally.received == tally.raised && line.raised == tally.raised &&
                       line.delivered == tally.raised && line.spurious == 0;
    log_info("INTERRUPTS {}", exact ? "ok" : "FAILED");
    for (;;) {
        const auto received = receive();
        if (received.has_value() && received->source == endpoints::rs) (void)notify(endpoints::rs);
    }
}
