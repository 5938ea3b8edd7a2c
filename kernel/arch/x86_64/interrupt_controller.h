// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The interrupt controllers that are in use, behind the contract's lines.

#include "kernel/arch/x86_64/interrupt_plan.h"

namespace tessera::kernel::x86_64 {

// Masks all lines. Answers what is in use: not always what was planned, as the processor may lack a local APIC.
InterruptPlan initialise_interrupt_controllers(const InterruptPlan& plan);
// False for a spurious interrupt. One that was accepted must be finished.
[[nodiscard]] bool accept_line(InterruptLine line);
// Lets the controller raise this line, and less urgent ones, again.
void finish_line(InterruptLine line);

} // namespace tessera::kernel::x86_64
