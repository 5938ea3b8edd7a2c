// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The one-shot timer behind arch::arm_timer, and the rate of the time-stamp counter.

#include "kernel/arch/x86_64/interrupt_plan.h"
#include <string_view>

namespace tessera::kernel::x86_64 {

enum class TimerSource : std::uint8_t {
    interval_timer,      // the 8254, on line 0
    local_apic,          // counts down
    local_apic_deadline, // compares with the time-stamp counter: SDM volume 3A, 11.5.4.1
};

struct Timer {
    TimerSource source = TimerSource::interval_timer;
    std::uint64_t counts_per_tick = 0; // of the first two, for a tick of the time-stamp counter; 32 fraction bits
};

// The best that goes with the wiring. The interrupt controllers are ready.
Timer choose_timer(InterruptWiring wiring);
std::string_view name_of(TimerSource source);
// Whether this line is the timer and no device.
bool is_timer(InterruptLine line);

std::uint64_t find_counter_rate(); // ticks of the time-stamp counter per second

} // namespace tessera::kernel::x86_64
