// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The boot stage's plan of physical memory: the loader's map, sorted and made whole pages, with what is in use cut out
// of it.

#include "kernel/abi/boot_info.h"
#include "kernel/abi/result.h"
#include <span>

namespace tessera::boot {

class MemoryPlan {
public:
    // Ranges as the firmware reports them: unsorted, overlapping, odd. What any of them calls reserved is reserved;
    // the first page is left to the firmware.
    explicit MemoryPlan(std::span<const MemoryRange> reported);

    // Marks part of a free range as used. no_space: the table is full; invalid: the part is not wholly free.
    Completion claim(PhysicalAddress base, std::uint64_t bytes, MemoryKind kind);

    // The free range below `limit` with the most pages; bytes = 0 when there is none.
    MemoryRange largest_free_below(PhysicalAddress limit) const;

    std::span<const MemoryRange> ranges() const { return std::span(ranges_).first(count_); }
    std::uint64_t ram_bytes() const; // all but reserved
    PhysicalAddress ram_end() const;

private:
    void add(PhysicalAddress base, PhysicalAddress end);
    void remove(PhysicalAddress base, PhysicalAddress end);
    Completion insert(std::size_t position, MemoryRange range);

    std::array<MemoryRange, memory_range_limit> ranges_{}; // sorted; RAM only
    std::size_t count_ = 0;
};

} // namespace tessera::boot
