// SPDX-License-Identifier: BSD-3-Clause
#include "netmgmt/guest/trace_view.h"
#include "kernel/abi/calls/observation.h"
#include "kernel/abi/calls/time_and_log.h"
#include "netmgmt/decode/trace_entry.h"
#include "netmgmt/guest/errors.h"
#include "netmgmt/guest/process_names.h"
#include <algorithm>

namespace tessera::netmgmt::guest {

namespace {

constexpr std::string_view kernel_name = "kernel";
constexpr std::uint64_t entries_at_once = 256;

Result<TimeScale> time_scale() {
    const auto clock = TESSERA_TRY(kernel_call<kernel_calls::ClockRead>({}));
    return TimeScale{clock.at_entry, clock.ticks_per_second};
}

} // namespace

SystemResult<Sequence> GuestTrace::record(const std::vector<TraceClass>& classes) {
    TraceClasses wanted;
    for (const TraceClass one : classes) wanted = wanted.with(one);
    const auto begun = kernel_call<kernel_calls::TraceControl>({.classes = wanted});
    if (!begun.has_value()) return refusal(begun.error(), kernel_name);
    return Sequence{begun->next_sequence};
}

// Reading leaves entries of its own: what comes after the first look is left for the next request.
SystemResult<Counter> GuestTrace::read(Range range, Visitor<TraceEntry>& visitor) {
    const auto scale = time_scale();
    if (!scale.has_value()) return refusal(scale.error(), kernel_name);
    ProcessNames names;
    std::vector<tessera::TraceEntry> raw(std::min<std::uint64_t>(range.at_most, entries_at_once));
    std::uint64_t wanted = range.from.value;
    std::uint64_t end = ~0ull;
    Counter dropped;
    do {
        const auto read = kernel_call<kernel_calls::TraceRead>(
            {.sequence = wanted, .address = {reinterpret_cast<std::uint64_t>(raw.data())}, .capacity = raw.size()});
        if (!read.has_value()) return refusal(read.error(), kernel_name);
        dropped.value += read->lost;
        end = std::min(end, read->next);
        for (std::uint64_t i = 0; i < read->count && read->first + i < end; ++i) {
            const TraceEntry entry = decoded(raw[i], *scale, [&](Endpoint endpoint) { return names.of(endpoint); });
            if (visitor.visit({raw[i].sequence}, entry) == Visit::stop) return dropped;
        }
        wanted = read->first + read->count;
    } while (wanted < end);
    return dropped;
}

} // namespace tessera::netmgmt::guest
