// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The alarms of processes.

#include "kernel/core/messages.h"
#include "kernel/core/timer.h"

namespace tessera::kernel {

class Clock {
public:
    Clock(ProcessTable& processes, Messages& messages, Timer& timer)
        : processes_(processes),
          messages_(messages),
          timer_(timer) {}

    void set_alarm(Process& process, Nanoseconds deadline); // 0 cancels
    void ring(Nanoseconds time);                            // the alarms that are due
    Nanoseconds next_alarm() const { return next_alarm_; }  // no alarm is due before it

private:
    ProcessTable& processes_;
    Messages& messages_;
    Timer& timer_;
    Nanoseconds next_alarm_ = never;
};

} // namespace tessera::kernel
