// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// What the kernel records while it is asked to (trace_control): entries in a ring, times of kernel calls, and who sends
// to whom. docs/kernel.md, "Watching it".

#include "kernel/abi/endpoint.h"
#include "kernel/abi/status.h"
#include "kernel/abi/strong.h"
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tessera {

enum class TraceKind : std::uint8_t {
    message = 0,        // delivered; detail = MessageKind, first and second = words 0 and 1
    notification = 1,   // delivered; first = what was pending (NotificationMessage)
    kernel_call = 2,    // done, made by `from`; number, status, first = word 0 of the request, second = ticks it took
    page_fault = 3,     // of `from`; detail = FaultAccess, first = address, second = instruction
    process_switch = 4, // from one process (none: the first) to another
    interrupt = 5,      // from hardware: number = line, to = who is notified of it, or none; or from clock
};
inline constexpr std::size_t trace_kind_count = 6;

// What can be recorded: the bits 0 to 5 are the kinds of entries, the others count without entries.
enum class TraceClass : std::uint8_t {
    messages = 0,
    notifications = 1,
    kernel_calls = 2,
    page_faults = 3,
    process_switches = 4,
    interrupts = 5,
    call_times = 6,     // KernelCallTimes
    message_counts = 7, // MessageCount
};

// By the number of the class.
inline constexpr std::array<std::string_view, 8> trace_class_names{
    "messages",         "notifications", "kernel_calls", "page_faults",
    "process_switches", "interrupts",    "call_times",   "message_counts",
};

struct TraceClasses {
    std::uint64_t bits = 0; // bit per TraceClass

    constexpr bool contains(TraceClass one) const { return (bits >> static_cast<unsigned>(one) & 1) != 0; }
    constexpr bool known() const { return bits >> trace_class_names.size() == 0; }
    constexpr TraceClasses with(TraceClass one) const { return {bits | 1ull << static_cast<unsigned>(one)}; }
    constexpr bool operator==(const TraceClasses&) const = default;
};

// The class of the entries of a kind.
constexpr TraceClass class_of(TraceKind kind) { return static_cast<TraceClass>(kind); }

struct TraceEntry {
    std::uint64_t sequence = 0; // from 1 since boot, without gaps at the writer
    Ticks time{};
    TraceKind kind = TraceKind::message;
    std::uint8_t detail = 0;
    std::uint16_t number = 0;
    Status status = Status::ok;
    Endpoint from;
    Endpoint to;
    std::uint64_t first = 0;
    std::uint64_t second = 0;

    constexpr bool operator==(const TraceEntry&) const = default;
};
static_assert(sizeof(TraceEntry) == 48 && offsetof(TraceEntry, time) == 8 && offsetof(TraceEntry, kind) == 16);
static_assert(offsetof(TraceEntry, number) == 18 && offsetof(TraceEntry, status) == 20);
static_assert(offsetof(TraceEntry, from) == 24 && offsetof(TraceEntry, to) == 28);
static_assert(offsetof(TraceEntry, first) == 32 && offsetof(TraceEntry, second) == 40);

// How long the runs of one kernel call took inside its handler, since times were last asked for. A run that has to wait
// for VM is not counted; the one that completes the call is.
struct KernelCallTimes {
    static constexpr std::size_t bucket_count = 32;

    std::uint64_t runs = 0;
    Ticks least{};
    Ticks most{};
    // Bucket n holds the runs of 2^n to 2^(n+1) - 1 ticks; the first also those of none, the last all longer ones.
    std::array<std::uint64_t, bucket_count> buckets{};

    static constexpr std::size_t bucket_of(Ticks ticks) {
        const auto exponent = static_cast<std::size_t>(std::bit_width(ticks.value | 1) - 1);
        return exponent < bucket_count ? exponent : bucket_count - 1;
    }
};
static_assert(sizeof(KernelCallTimes) == 280);

// Deliveries from one process to another since counts were last asked for. The sources of the kernel's own
// notifications are endpoints as well.
struct MessageCount {
    Endpoint from;
    Endpoint to;
    std::uint64_t messages = 0;
    std::uint64_t notifications = 0;

    constexpr bool operator==(const MessageCount&) const = default;
};
static_assert(sizeof(MessageCount) == 24);

} // namespace tessera
