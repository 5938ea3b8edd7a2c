// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Time since boot, durations, and a sleep for programs that have nothing else to wait for.

#include "servers/runtime/kernel.h"

namespace tessera {

constexpr Nanoseconds milliseconds(std::uint64_t count) { return {count * 1'000'000}; }
constexpr Nanoseconds operator+(Nanoseconds a, Nanoseconds b) { return {a.value + b.value}; }

// Time since boot; 0 for a process that may not read the clock.
inline Nanoseconds now() {
    const auto reading = kernel_call<kernel_calls::ClockRead>({});
    return reading.has_value() ? reading->time : Nanoseconds{};
}

// Uses up the process's one alarm; messages and other notifications wait meanwhile. call_denied.
inline Completion sleep_for(Nanoseconds duration) {
    const Nanoseconds deadline = now() + duration;
    TESSERA_TRY(kernel_call<kernel_calls::AlarmSet>({.deadline = deadline}));
    while (now() < deadline) TESSERA_TRY(receive(endpoints::clock));
    return Done{};
}

} // namespace tessera
