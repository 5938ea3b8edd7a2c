// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/core/timer.h"
#include <algorithm>

namespace tessera::kernel {

void Timer::start_ticks() {
    if (next_tick_ != never) return;
    next_tick_ = {time_.now().value + tick_period.value};
    require(next_tick_);
}

bool Timer::take_tick(Nanoseconds time) {
    armed_ = never;
    if (time < next_tick_) return false;
    next_tick_ = never;
    return true;
}

void Timer::restart(Nanoseconds event, Processor processor, Nanoseconds time) {
    if (processor == Processor::idle)
        next_tick_ = never;
    else if (next_tick_ == never)
        next_tick_ = {time.value + tick_period.value};
    require(std::min(event, next_tick_));
}

void Timer::arm(Nanoseconds when) {
    armed_ = when;
    // Further away is further than the arithmetic reaches; the kernel then looks again.
    constexpr std::uint64_t hour = 3'600'000'000'000;
    const std::uint64_t now = time_.now().value;
    const std::uint64_t wait = when.value > now ? std::min(when.value - now, hour) : 0;
    arch::arm_timer({arch::counter().value + time_.ticks_of({wait}).value + 1});
}

} // namespace tessera::kernel
