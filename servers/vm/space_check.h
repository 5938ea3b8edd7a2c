// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Whether one space is as it says: its regions, its page tables' entries, and its sums.

#include "servers/vm/findings.h"
#include "servers/vm/spaces.h"

namespace tessera::vm {

class SpaceCheck {
public:
    SpaceCheck(const Space& space, const SharedObjects& shared, const FrameAllocator& frames, Findings& findings)
        : space_(space),
          shared_(shared),
          frames_(frames),
          findings_(findings) {}

    void run();

private:
    void check_region(const Region& region);
    void check_entries();
    bool access_fits(const Region& region, PageEntry entry) const;
    bool fits(const Region& region, VirtualAddress page, PageEntry entry) const;
    void compare(std::string_view name, std::uint64_t expected, std::uint64_t found);
    void add(ProblemKind kind, VirtualAddress address, std::source_location place = std::source_location::current());

    const Space& space_;
    const SharedObjects& shared_;
    const FrameAllocator& frames_;
    Findings& findings_;
    VirtualAddress last_end_;      // of the regions so far
    std::uint64_t bytes_ = 0;      // of regions
    std::uint32_t held_pages_ = 0; // that the process is charged for
};

} // namespace tessera::vm
