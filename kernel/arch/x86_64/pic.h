// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The two cascaded 8259A interrupt controllers. Intel 8259A data sheet.

#include "kernel/abi/strong.h"

namespace tessera::kernel::x86_64::pic {

// Moves the lines to vectors 32..47 and masks all but the cascade.
void initialise();
// False for a spurious interrupt: lines 7 and 15 are raised without a bit in service when a request vanished (data
// sheet, "default IR7"). One that was accepted must be finished.
[[nodiscard]] bool accept(InterruptLine line);
// Lets the controller raise this line, and less urgent ones, again.
void finish(InterruptLine line);
// Bit per line that is level-triggered, as the firmware set it for the PCI devices (edge/level control registers of
// the 82371SB, data sheet, 2.5.3.3; chipsets have had them since).
std::uint32_t level_lines();
void mask(InterruptLine line);
void unmask(InterruptLine line);

} // namespace tessera::kernel::x86_64::pic
