// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The 8254 interval timer: the periodic clock interrupt on line 0, and the yardstick for the time-stamp counter.
// Intel 8254 data sheet. Issue 3 adds the one-shot timer of the local APIC.

#include <cstdint>

namespace tessera::kernel::x86_64 {

void start_periodic_timer();          // arch::clock_tick_nanoseconds; its line must be unmasked
std::uint64_t measure_counter_rate(); // ticks of the time-stamp counter per second

} // namespace tessera::kernel::x86_64
