// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Reads the one ACPI table that the kernel needs: the MADT, which tells of the interrupt controllers. ACPI
// specification 6.5, 5.2.5 to 5.2.12. No byte of the tables is trusted; no AML is read. No memory of its own.

#include "kernel/abi/interrupt_controllers.h"
#include "kernel/abi/result.h"
#include <cstddef>
#include <span>

namespace tessera::boot {

// The one stretch of physical memory that tables may be in.
class ReachableMemory {
public:
    // `bytes`: where the memory from `base` on is seen.
    ReachableMemory(PhysicalAddress base, std::span<const std::byte> bytes) : base_(base), bytes_(bytes) {}

    Result<std::span<const std::byte>> at(PhysicalAddress address, std::uint64_t bytes) const; // damaged: not wholly in

private:
    PhysicalAddress base_;
    std::span<const std::byte> bytes_;
};

// From the root pointer (RSDP) that the loader copied; empty: the machine has no tables. What is damaged or contradicts
// itself is `damaged` as a whole; tables without an MADT are `absent`.
InterruptControllers read_interrupt_controllers(const ReachableMemory& memory, std::span<const std::byte> root_pointer);

} // namespace tessera::boot
