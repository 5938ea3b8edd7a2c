// SPDX-License-Identifier: BSD-3-Clause
#include "netmgmt/decode/trace_entry.h"

#include "kernel/abi/kernel_calls.h"
#include "servers/protocols/ds.h"
#include "servers/protocols/ethernet.h"
#include "servers/protocols/pm.h"
#include "servers/protocols/rs.h"
#include "servers/protocols/vm.h"

#include <algorithm>
#include <format>

namespace tessera::netmgmt {

namespace {

using namespace tessera::protocol;

constexpr std::array<std::string_view, 3> access_names{"read", "write", "execute"};
constexpr std::array<std::string_view, 5> message_kinds{"message", "notification", "fault", "memory_request",
                                                        "asynchronous"};

/// Servers and what they speak.
template <class Visitor> void for_each_server(Visitor&& visitor) {
    visitor.template operator()<vm::VmProtocol>("vm");
    visitor.template operator()<rs::RsProtocol>("rs");
    visitor.template operator()<ds::DsProtocol>("ds");
    visitor.template operator()<pm::PmProtocol>("pm");
    visitor.template operator()<ethernet::EthernetProtocol>("e1000");
}

template <std::size_t Count>
std::string name_at(const std::array<std::string_view, Count>& names, std::uint64_t index) {
    return index < Count ? std::string(names[index]) : std::to_string(index);
}

/// The first word of an answer is 0 or minus a status.
std::optional<std::string> answer_status(std::uint64_t word) {
    const std::int64_t negative = -static_cast<std::int64_t>(word);
    for (const auto& known : status_descriptions)
        if (static_cast<std::int64_t>(known.status) == negative) return std::string(known.name);
    return std::nullopt;
}

void describe_message(TraceEntry& entry, const tessera::TraceEntry& raw) {
    const auto kind = static_cast<MessageKind>(raw.detail);
    if (kind != MessageKind::message && kind != MessageKind::asynchronous) {
        entry.what = name_at(message_kinds, raw.detail);
        return;
    }
    entry.what = operation_name(entry.to_name, raw.first);
    if (!entry.what.empty()) return;
    entry.status = answer_status(raw.first);
    entry.what = entry.status ? "answer" : "message";
}

void describe(TraceEntry& entry, const tessera::TraceEntry& raw) {
    switch (raw.kind) {
    case TraceKind::message:
        return describe_message(entry, raw);
    case TraceKind::notification:
        entry.what = "notification";
        return;
    case TraceKind::kernel_call:
        entry.what = kernel_call_name(raw.number);
        entry.status = std::string(status_name(raw.status));
        entry.duration = TickCount{raw.second};
        entry.second = {};
        return;
    case TraceKind::page_fault:
        entry.what = name_at(access_names, raw.detail);
        return;
    case TraceKind::process_switch:
        entry.what = "switch";
        return;
    case TraceKind::interrupt:
        entry.what = raw.from == endpoints::clock ? "tick" : std::format("line {}", raw.number);
        return;
    }
}

std::optional<EndpointNumber> shown(Endpoint endpoint) {
    if (endpoint == endpoints::none) return std::nullopt;
    return EndpointNumber{endpoint.value()};
}

} // namespace

Nanoseconds TimeScale::since_boot(tessera::Ticks ticks) const {
    constexpr std::uint64_t nanoseconds_per_second = 1'000'000'000;
    const std::uint64_t passed = ticks.value - at_entry.value;
    const std::uint64_t rest = passed % ticks_per_second; // its product must not overflow
    return {passed / ticks_per_second * nanoseconds_per_second + rest * nanoseconds_per_second / ticks_per_second};
}

std::string_view kernel_call_name(std::uint64_t number) {
    std::string_view name;
    KernelCallTable::for_each([&]<class Call>() {
        if (kernel_call_number<Call> == number) name = Call::name;
    });
    return name;
}

std::string operation_name(std::string_view to, std::uint64_t word) {
    std::string name;
    for_each_server([&]<class Spoken>(std::string_view server) {
        if (server != to) return;
        Spoken::List::for_each([&]<class Operation>() {
            if (Spoken::template number<Operation> == word) name = std::format("{}.{}", server, Operation::name);
        });
    });
    return name;
}

KernelCallEntry with_times(const KernelCallTimes& times) {
    KernelCallEntry entry;
    entry.timed = {times.runs};
    if (times.runs == 0) return entry;
    entry.least = TickCount{times.least.value};
    entry.most = TickCount{times.most.value};
    std::uint64_t runs = 0;
    for (std::size_t n = 0; n < times.buckets.size(); ++n) {
        if (times.buckets[n] == 0) continue;
        entry.buckets.push_back({{std::uint64_t{1} << n}, {times.buckets[n]}});
        runs += times.buckets[n];
        if (!entry.median_below && 2 * runs > times.runs)
            entry.median_below = TickCount{std::min(std::uint64_t{2} << n, times.most.value + 1)};
    }
    return entry;
}

TraceEntry decoded(const tessera::TraceEntry& raw, const TimeScale& scale, const NameOf& name_of) {
    TraceEntry entry{.sequence = {raw.sequence},
                     .nanoseconds = scale.since_boot(raw.time),
                     .ticks = {raw.time.value},
                     .kind = raw.kind,
                     .from = shown(raw.from),
                     .from_name = raw.from == endpoints::none ? "" : name_of(raw.from),
                     .to = shown(raw.to),
                     .to_name = raw.to == endpoints::none ? "" : name_of(raw.to),
                     .what = {},
                     .status = {},
                     .duration = {},
                     .first = {raw.first},
                     .second = {raw.second}};
    describe(entry, raw);
    return entry;
}

} // namespace tessera::netmgmt
