// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/core/observer.h"
#include <algorithm>

namespace tessera::kernel {

namespace {

constexpr TraceClasses with_entries{(1u << trace_kind_count) - 1};

void count(KernelCallTimes& times, Ticks ticks) {
    times.least = times.runs == 0 ? ticks : std::min(times.least, ticks);
    times.most = std::max(times.most, ticks);
    ++times.runs;
    ++times.buckets[KernelCallTimes::bucket_of(ticks)];
}

} // namespace

void Observer::select(TraceClasses classes) {
    classes_ = classes;
    if ((classes.bits & with_entries.bits) != 0) trace_.clear();
    if (classes.contains(TraceClass::call_times)) call_times_.fill({}); // in place: larger than the kernel stack
    if (classes.contains(TraceClass::message_counts)) message_counts_.clear();
}

void Observer::record(const TraceEntry& entry) {
    if (classes_.contains(class_of(entry.kind))) trace_.append(entry);
}

void Observer::message(const Process& from, const Process& to, MessageKind kind) {
    if (classes_.contains(TraceClass::message_counts)) message_counts_.count_message(from.endpoint, to.endpoint);
    record({.kind = TraceKind::message,
            .detail = static_cast<std::uint8_t>(kind),
            .from = from.endpoint,
            .to = to.endpoint,
            .first = to.context.message.words[0],
            .second = to.context.message.words[1]});
}

void Observer::notification(Endpoint from, const Process& to, std::uint64_t pending) {
    if (classes_.contains(TraceClass::message_counts)) message_counts_.count_notification(from, to.endpoint);
    record({.kind = TraceKind::notification, .from = from, .to = to.endpoint, .first = pending});
}

void Observer::kernel_call(const Process& caller, std::uint64_t number, std::uint64_t first_word, Ticks ticks) {
    if (classes_.contains(TraceClass::call_times)) count(call_times_[number], ticks);
    record({.kind = TraceKind::kernel_call,
            .number = static_cast<std::uint16_t>(number),
            .status = caller.result(),
            .from = caller.endpoint,
            .first = first_word,
            .second = ticks.value});
}

void Observer::page_fault(const Process& process, FaultAccess access, VirtualAddress address) {
    record({.kind = TraceKind::page_fault,
            .detail = static_cast<std::uint8_t>(access),
            .from = process.endpoint,
            .first = address.value,
            .second = process.context.instruction_pointer});
}

void Observer::process_switch(const Process* from, const Process& to) {
    record({.kind = TraceKind::process_switch,
            .from = from != nullptr ? from->endpoint : endpoints::none,
            .to = to.endpoint});
}

void Observer::interrupt(Endpoint source, InterruptLine line, Endpoint owner) {
    record(
        {.kind = TraceKind::interrupt, .number = static_cast<std::uint16_t>(line.value), .from = source, .to = owner});
}

} // namespace tessera::kernel
