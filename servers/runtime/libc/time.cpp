// SPDX-License-Identifier: BSD-3-Clause
// Clocks and sleep. Every clock counts from boot: the machine's calendar clock is not read.

#include "kernel/abi/calls/time_and_log.h"
#include "servers/runtime/clock.h"
#include "servers/runtime/libc/linux.h"
#include <algorithm>
#include <time.h>

namespace tessera::libc {

namespace {

constexpr std::uint64_t second = 1'000'000'000;

timespec timespec_of(Nanoseconds time) {
    return {.tv_sec = static_cast<time_t>(time.value / second), .tv_nsec = static_cast<long>(time.value % second)};
}

// invalid: negative, or not normal.
Result<Nanoseconds> nanoseconds_of(const timespec* time) {
    if (time == nullptr) return Status::bad_address;
    const bool normal = time->tv_nsec >= 0 && static_cast<std::uint64_t>(time->tv_nsec) < second;
    if (time->tv_sec < 0 || !normal) return Status::invalid;
    constexpr std::uint64_t longest = ~0ull / second / 2; // three centuries
    const std::uint64_t seconds = static_cast<std::uint64_t>(time->tv_sec);
    if (seconds > longest) return Nanoseconds{longest * second};
    return Nanoseconds{seconds * second + static_cast<std::uint64_t>(time->tv_nsec)};
}

// Until the process's one alarm. interrupted: a signal was handled.
Completion sleep_until(Nanoseconds deadline) {
    TESSERA_TRY(kernel_call<kernel_calls::AlarmSet>({.deadline = deadline}));
    while (now() < deadline) TESSERA_TRY(receive(endpoints::clock));
    return Done{};
}

LinuxResult sleep_for(const timespec* duration, timespec* remaining) {
    const auto time = nanoseconds_of(duration);
    if (!time.has_value()) return linux_error(time.error());
    const Nanoseconds deadline = now() + *time;
    const Completion slept = sleep_until(deadline);
    const Nanoseconds left{deadline.value - std::min(now().value, deadline.value)};
    if (!slept.has_value() && remaining != nullptr) *remaining = timespec_of(left);
    return linux_error(slept.status());
}

} // namespace

LinuxResult read_clock(const Arguments& arguments) {
    auto* const result = reinterpret_cast<timespec*>(arguments.b);
    if (result == nullptr) return linux_error(Status::bad_address);
    *result = timespec_of(now());
    return 0;
}

LinuxResult sleep(const Arguments& arguments) {
    return sleep_for(reinterpret_cast<const timespec*>(arguments.a), reinterpret_cast<timespec*>(arguments.b));
}

LinuxResult sleep_on_clock(const Arguments& arguments) {
    const auto* const time = reinterpret_cast<const timespec*>(arguments.c);
    if (arguments.b != TIMER_ABSTIME) return sleep_for(time, reinterpret_cast<timespec*>(arguments.d));
    const auto deadline = nanoseconds_of(time);
    return linux_error(deadline.has_value() ? sleep_until(*deadline).status() : deadline.error());
}

} // namespace tessera::libc
