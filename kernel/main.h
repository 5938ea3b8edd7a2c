// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include "kernel/abi/boot_info.h"

namespace tessera::kernel {

// The page that every process sees at user_layout::clock. main() fills it in.
PhysicalAddress clock_page();

// Entered once from the boot stage, on the boot stack, with interrupts off.
[[noreturn]] void main(const BootInfo& boot_info);

} // namespace tessera::kernel
