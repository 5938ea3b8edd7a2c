// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The two cascaded 8259A interrupt controllers. Intel 8259A data sheet; issue 3 adds the local APIC and I/O APIC.

#include "kernel/abi/strong.h"

namespace tessera::kernel::x86_64 {

// Moves the lines to vectors 32..47 and masks all but the cascade.
void initialise_interrupt_controller();
// Ends the interrupt at the controller; false for a spurious one.
bool acknowledge_line(InterruptLine line);

} // namespace tessera::kernel::x86_64
