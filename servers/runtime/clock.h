// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Time since boot, durations, and a sleep for programs that have nothing else to wait for.

#include "kernel/abi/calls/time_and_log.h"
#include "kernel/abi/clock_page.h"
#include "kernel/abi/user_layout.h"
#include "servers/runtime/kernel.h"

namespace tessera {

constexpr Nanoseconds milliseconds(std::uint64_t count) { return {count * 1'000'000}; }
constexpr Nanoseconds operator+(Nanoseconds a, Nanoseconds b) { return {a.value + b.value}; }

// The kernel's clock page, which every process has.
inline const ClockPage& clock_page() { return *reinterpret_cast<const ClockPage*>(user_layout::clock.value); }

inline Ticks read_counter() { return {__builtin_ia32_rdtsc()}; }

// Time since boot, without a kernel call.
inline Nanoseconds now() { return clock_page().time_at(read_counter()); }

// Uses up the process's one alarm; messages and other notifications wait meanwhile. call_denied.
inline Completion sleep_for(Nanoseconds duration) {
    const Nanoseconds deadline = now() + duration;
    TESSERA_TRY(kernel_call<kernel_calls::AlarmSet>({.deadline = deadline}));
    while (now() < deadline) TESSERA_TRY(receive(endpoints::clock));
    return Done{};
}

} // namespace tessera
