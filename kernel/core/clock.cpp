// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/core/clock.h"
#include "kernel/arch/contract/machine.h"
#include <limits>

namespace tessera::kernel {

namespace {
constexpr Nanoseconds never{std::numeric_limits<std::uint64_t>::max()};
constexpr std::uint64_t nanoseconds_per_second = 1'000'000'000;
} // namespace

Clock::Clock(ProcessTable& processes, Messages& messages, Ticks at_entry, std::uint64_t ticks_per_second)
    : processes_(processes),
      messages_(messages),
      at_entry_(at_entry),
      ticks_per_second_(ticks_per_second),
      nanoseconds_per_tick_((nanoseconds_per_second << 32) / ticks_per_second),
      next_alarm_(never) {}

Nanoseconds Clock::now() const {
    const std::uint64_t ticks = arch::counter().value - at_entry_.value;
    return {static_cast<std::uint64_t>(static_cast<unsigned __int128>(ticks) * nanoseconds_per_tick_ >> 32)};
}

void Clock::set_alarm(Process& process, Nanoseconds deadline) {
    process.alarm = deadline;
    process.alarm_rang = false;
    if (deadline.value != 0 && deadline < next_alarm_) next_alarm_ = deadline;
}

void Clock::tick() {
    const Nanoseconds time = now();
    if (time < next_alarm_) return;
    next_alarm_ = never;
    for (Process& process : processes_.all()) {
        if (process.alarm.value == 0) continue;
        if (process.alarm <= time) {
            process.alarm = {};
            messages_.notify_alarm(process, time);
        } else if (process.alarm < next_alarm_)
            next_alarm_ = process.alarm;
    }
}

} // namespace tessera::kernel
