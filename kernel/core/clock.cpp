// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/core/clock.h"
#include <limits>

namespace tessera::kernel {

namespace {
constexpr Nanoseconds never{std::numeric_limits<std::uint64_t>::max()};
} // namespace

Clock::Clock(ProcessTable& processes, Messages& messages, const TimeBase& time)
    : processes_(processes),
      messages_(messages),
      time_(time),
      next_alarm_(never) {}

void Clock::set_alarm(Process& process, Nanoseconds deadline) {
    process.alarm = deadline;
    process.settle(Attention::alarm);
    if (deadline.value != 0 && deadline < next_alarm_) next_alarm_ = deadline;
}

void Clock::tick() {
    const Nanoseconds time = time_.now();
    if (time < next_alarm_) return;
    next_alarm_ = never;
    for (Process& process : processes_.all()) {
        if (process.alarm.value == 0) continue;
        if (process.alarm <= time) {
            process.alarm = {};
            messages_.notify_alarm(process);
        } else if (process.alarm < next_alarm_)
            next_alarm_ = process.alarm;
    }
}

} // namespace tessera::kernel
