// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The two cascaded 8259A interrupt controllers. Intel 8259A data sheet; issue 3 adds the local APIC and I/O APIC.

#include "kernel/abi/strong.h"

namespace tessera::kernel::x86_64 {

// Moves the lines to vectors 32..47 and masks all but the cascade.
void initialise_interrupt_controller();
// False for a spurious interrupt: lines 7 and 15 are raised without a bit in service when a request vanished (data
// sheet, "default IR7"). One that was accepted must be finished.
[[nodiscard]] bool accept_line(InterruptLine line);
// Lets the controller raise this line, and less urgent ones, again.
void finish_line(InterruptLine line);

} // namespace tessera::kernel::x86_64
