// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The alarms of processes.

#include "kernel/core/messages.h"

namespace tessera::kernel {

class Clock {
public:
    Clock(ProcessTable& processes, Messages& messages, const TimeBase& time);

    void set_alarm(Process& process, Nanoseconds deadline); // 0 cancels
    void tick();                                            // rings the alarms that are due

private:
    ProcessTable& processes_;
    Messages& messages_;
    const TimeBase& time_;
    Nanoseconds next_alarm_; // no alarm is due before it
};

} // namespace tessera::kernel
