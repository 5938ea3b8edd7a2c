// SPDX-License-Identifier: BSD-3-Clause
#include "netmgmt/guest/kernel_views.h"
#include "kernel/abi/boot_info.h"
#include "kernel/abi/kernel_calls.h"
#include "netmgmt/decode/trace_entry.h"
#include "netmgmt/guest/errors.h"
#include "netmgmt/guest/process_names.h"
#include "servers/runtime/client.h"
#include <array>

namespace tessera::netmgmt::guest {

namespace {

constexpr std::string_view kernel_name = "kernel";

template <class Object> VirtualAddress address_of(Object& object) { return {reinterpret_cast<std::uint64_t>(&object)}; }

LogLevel level_of(tessera::LogLevel level) {
    switch (level) {
    case tessera::LogLevel::debug:
        return LogLevel::debug;
    case tessera::LogLevel::info:
        return LogLevel::information;
    case tessera::LogLevel::warning:
        return LogLevel::warning;
    case tessera::LogLevel::error:
        return LogLevel::error;
    }
    return LogLevel::information;
}

} // namespace

SystemResult<KernelCounters> GuestKernel::counters() {
    tessera::KernelCounters raw;
    const auto read = kernel_call<kernel_calls::CountersRead>({.address = address_of(raw)});
    if (!read.has_value()) return refusal(read.error(), kernel_name);
    KernelCounters counters{
        .messages = {raw.messages},
        .notifications = {raw.notifications},
        .kernel_calls = {raw.kernel_calls()},
        .interrupts = {raw.interrupts},
        .spurious_interrupts = {raw.spurious_interrupts},
        .page_faults = {raw.page_faults},
        .context_switches = {raw.context_switches},
        .address_space_loads = {raw.address_space_loads},
        .address_space_loads_saved = {raw.address_space_loads_saved},
        .safecopies = {raw.safecopies},
        .copied_bytes = {raw.copied_bytes},
        .copy_faults = {raw.copy_faults},
        .stale_endpoints = {raw.stale_endpoints},
        .refused_calls = {raw.refused_calls},
        .timestamp_counter = {},
        .calls = {},
    };
    const auto clock = kernel_call<kernel_calls::ClockRead>({});
    if (clock.has_value()) counters.timestamp_counter = {clock->counter.value};
    KernelCallTable::for_each([&]<class Call>() {
        counters.calls.emplace_back(std::string(Call::name), Counter{raw.calls[kernel_call_number<Call>]});
    });
    return counters;
}

ListResult GuestKernel::calls(Range range, Visitor<KernelCallEntry>& visitor) {
    tessera::KernelCounters raw;
    const auto read = kernel_call<kernel_calls::CountersRead>({.address = address_of(raw)});
    if (!read.has_value()) return refusal(read.error(), kernel_name);
    for (std::uint64_t number = range.from.value; number < KernelCallTable::size; ++number) {
        KernelCallTimes times;
        const auto timed = kernel_call<kernel_calls::CallTimesRead>({.number = number, .address = address_of(times)});
        if (!timed.has_value()) return refusal(timed.error(), kernel_name);
        KernelCallEntry entry = with_times(times);
        entry.name = kernel_call_name(number);
        entry.number = static_cast<std::uint32_t>(number);
        entry.count = {raw.calls[number]};
        entry.errors = {raw.failed_calls[number]};
        if (visitor.visit({number}, entry) == Visit::stop) return {};
    }
    return {};
}

SystemResult<Counter> GuestKernel::messages(Range range, Visitor<MessagePair>& visitor) {
    ProcessNames names;
    Counter uncounted;
    for (std::uint64_t index = range.from.value;; ++index) {
        MessageCount raw;
        const auto read = kernel_call<kernel_calls::MessageCountsRead>({.index = index, .address = address_of(raw)});
        if (read.status() == Status::no_entry) return uncounted;
        if (!read.has_value()) return refusal(read.error(), kernel_name);
        uncounted = {read->uncounted};
        const MessagePair pair{.from = {raw.from.value()},
                               .from_name = names.of(raw.from),
                               .to = {raw.to.value()},
                               .to_name = names.of(raw.to),
                               .messages = {raw.messages},
                               .notifications = {raw.notifications}};
        if (visitor.visit({index}, pair) == Visit::stop) return uncounted;
    }
}

// The first record tells how many before it were overwritten: its sequence is higher than what was asked for.
SystemResult<Counter> GuestLog::read(Range range, Visitor<LogEntry>& visitor) {
    std::uint64_t wanted = range.from.value == 0 ? 1 : range.from.value;
    Counter dropped;
    LogRecord record;
    for (bool first = true;; first = false) {
        const auto read = kernel_call<kernel_calls::LogRead>({.sequence = wanted, .address = address_of(record)});
        if (read.status() == Status::no_entry) return dropped;
        if (!read.has_value()) return refusal(read.error(), kernel_name);
        if (first) dropped = {record.sequence - wanted};
        LogEntry entry{.sequence = {record.sequence},
                       .nanoseconds = {record.time.value},
                       .level = level_of(record.level),
                       .source = process_name(record.source),
                       .text = std::string(record.text.data(), record.length)};
        if (visitor.visit({record.sequence}, entry) == Visit::stop) return dropped;
        wanted = record.sequence + 1;
    }
}

SystemResult<MachineInfo> GuestMachine::info() {
    kernel_calls::MachineInformation raw;
    const auto read = kernel_call<kernel_calls::MachineRead>({.address = address_of(raw)});
    if (!read.has_value()) return refusal(read.error(), kernel_name);
    constexpr std::array<std::string_view, 7> feature_names{"nx",           "smep",  "smap",    "pcid",
                                                            "global_pages", "xsave", "fsgsbase"};
    MachineInfo info;
    info.processor = raw.processor.data();
    for (std::size_t bit = 0; bit < feature_names.size(); ++bit)
        if ((raw.feature_bits >> bit & 1) != 0) info.processor_features.emplace_back(feature_names[bit]);
    info.memory = {raw.total_pages * page_bytes};
    info.command_line = raw.command_line.data();
    info.firmware =
        static_cast<tessera::Firmware>(raw.firmware) == tessera::Firmware::uefi ? Firmware::uefi : Firmware::bios;
    return info;
}

SystemResult<Uptime> GuestMachine::uptime() {
    const auto clock = kernel_call<kernel_calls::ClockRead>({});
    if (!clock.has_value()) return refusal(clock.error(), kernel_name);
    return Uptime{{clock->time.value}, {clock->counter.value}, boot_to_listening_};
}

// RS stops the machine, and RS is always there: without it the machine has stopped already.
SystemResult<void> GuestMachine::may_stop() { return {}; }

void GuestMachine::stop(MachineStop how) {
    using protocol::rs::RsProtocol;
    constexpr std::uint32_t time_for_the_reply_ms = 100;
    const auto action =
        how == MachineStop::restart ? kernel_calls::MachineStop::reboot : kernel_calls::MachineStop::power_off;
    (void)runtime::call<RsProtocol, protocol::rs::MachineStop>(
        endpoints::rs, {.action = action, .delay_milliseconds = time_for_the_reply_ms});
}

void GuestMachine::now_listening() {
    const auto clock = kernel_call<kernel_calls::ClockRead>({});
    if (clock.has_value()) boot_to_listening_ = {clock->counter.value - clock->at_entry.value};
}

} // namespace tessera::netmgmt::guest
