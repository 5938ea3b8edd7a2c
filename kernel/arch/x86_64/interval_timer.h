// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The 8254 interval timer: the yardstick for the time-stamp counter, and the timer of machines without a local APIC,
// on line 0. Intel 8254 data sheet.

#include <cstdint>

namespace tessera::kernel::x86_64::interval_timer {

inline constexpr std::uint64_t hertz = 1'193'182;
inline constexpr std::uint64_t longest = 0xffff; // counts

void start(std::uint64_t counts);     // interrupts once, after 1..longest counts
std::uint64_t measure_counter_rate(); // ticks of the time-stamp counter per second

} // namespace tessera::kernel::x86_64::interval_timer
