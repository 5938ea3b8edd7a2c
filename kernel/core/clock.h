// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Time since the kernel's entry, and the alarms of processes.

#include "kernel/core/messages.h"

namespace tessera::kernel {

class Clock {
public:
    Clock(ProcessTable& processes, Messages& messages, Ticks at_entry, std::uint64_t ticks_per_second);

    Nanoseconds now() const;
    Ticks at_entry() const { return at_entry_; }
    std::uint64_t ticks_per_second() const { return ticks_per_second_; }

    void set_alarm(Process& process, Nanoseconds deadline); // 0 cancels
    void tick();                                            // rings the alarms that are due

private:
    ProcessTable& processes_;
    Messages& messages_;
    Ticks at_entry_;
    std::uint64_t ticks_per_second_;
    std::uint64_t nanoseconds_per_tick_; // fixed point, 32 bits of fraction
    Nanoseconds next_alarm_;             // no alarm is due before it
};

} // namespace tessera::kernel
