// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The kernel's own mappings: the root page and the fixed area.

#include "kernel/abi/strong.h"
#include "kernel/arch/x86_64/memory_map.h"

namespace tessera::kernel::x86_64 {

enum class FixedAccess : std::uint8_t { read_only, read_write, device }; // device: read_write, uncached

void map_fixed(FixedPage page, PhysicalAddress frame, FixedAccess access);
// Maps the kernel's stacks with a hole before each. Returns nothing: the tables are part of the image.
void map_stacks();
// Ends the identity mapping that the boot stage used. After it only the kernel's pages are reachable.
void drop_boot_mapping();

// Physical address of something in the kernel's two pages.
inline PhysicalAddress kernel_physical(const void* object) {
    return {reinterpret_cast<std::uint64_t>(object) - kernel_base};
}

} // namespace tessera::kernel::x86_64
