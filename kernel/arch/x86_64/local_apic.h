// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The interrupt controller and timer of the processor itself. Intel SDM volume 3A, chapter 11.

#include "kernel/abi/strong.h"

namespace tessera::kernel::x86_64::local_apic {

// What arrives at the pin that the 8259s drive.
enum class Pin0 : std::uint8_t { masked, from_8259 };
enum class TimerMode : std::uint32_t { one_shot = 0, deadline = 2u << 17 };

// Whether the processor has one that is reached through memory: one that the firmware put into x2APIC mode is not.
bool available();
void enable(PhysicalAddress registers, Pin0 pin0);
// The 8259s drive the processor's pin as if there were no local APIC (11.4.3). Whatever the firmware left armed is
// gone.
void disable();
std::uint32_t id();
void end_of_interrupt();

// The timer raises timer_vector.
void select_timer_mode(TimerMode mode);
void set_timer_count(std::uint32_t count); // one_shot: counts down from it; 0 stops
std::uint32_t timer_count();

} // namespace tessera::kernel::x86_64::local_apic
