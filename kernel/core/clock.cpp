// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/core/clock.h"

namespace tessera::kernel {

void Clock::set_alarm(Process& process, Nanoseconds deadline) {
    process.alarm = deadline;
    process.settle(Attention::alarm);
    if (deadline.value == 0 || deadline >= next_alarm_) return;
    next_alarm_ = deadline;
    timer_.require(deadline);
}

void Clock::ring(Nanoseconds time) {
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
