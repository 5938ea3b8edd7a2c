// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Collects every use of every page of RAM, and compares the uses with each other and with the records of the frames.

#include "kernel/abi/boot_info.h"
#include "servers/vm/page_uses.h"
#include "servers/vm/spaces.h"

namespace tessera::vm {

// What a check looks at.
struct CheckedParts {
    const FrameAllocator& frames;
    const Spaces& spaces;
    const SharedObjects& shared;
    const GrantedMaps& maps;
    const SlabPages& slabs;
    const SlabCore& regions; // the slab of all regions
    const BootInfo& boot_info;
};

class OverlapCheck {
public:
    OverlapCheck(const CheckedParts& parts, PageUses& uses, Findings& findings)
        : parts_(parts),
          uses_(uses),
          findings_(findings) {}

    // Of RAM, which the notes must cover.
    static std::uint64_t pages_of(const BootInfo& boot_info);

    void run();

private:
    std::span<const MemoryRange> ranges() const {
        return std::span(parts_.boot_info.ranges).first(parts_.boot_info.range_count);
    }
    void collect_boot_ranges();
    void collect_own();
    void collect_own_tables(PhysicalAddress table, unsigned level);
    void collect_slabs();
    void collect_contiguous();
    void collect_shared();
    void collect_space(const Space& space);
    void collect_free();
    void collect_range(PhysicalAddress base, std::uint64_t pages, PageUse use, std::uint32_t references,
                       PageUses::Place place = PageUses::Place::current());

    void compare_with_records();
    void compare_page(PhysicalAddress page);
    void compare_sums();

    const CheckedParts& parts_;
    PageUses& uses_;
    Findings& findings_;
    std::array<std::uint64_t, frame_use_count> by_frame_use_{}; // pages that were seen
    std::uint64_t free_ = 0;
};

} // namespace tessera::vm
