// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The free physical memory: ranges in a tree by address, first fit. Ordinary requests are cut from the high end of the
// highest range that fits, requests for low memory from the low end of the lowest, so that the two kinds do not
// fragment each other.
//
// The tree's node of a range lies in the first page of that range. So the allocator never allocates for itself: taking
// and giving back need no memory, cannot fail for want of it, and pin no pages between the free ones.

#include "kernel/abi/strong.h"
#include "servers/vm/avl_tree.h"
#include "servers/vm/physical_view.h"
#include <optional>

namespace tessera::vm {

struct FreeRange {
    PhysicalAddress base;
    std::uint64_t pages = 0;
    AvlHook<FreeRange> hook{};

    PhysicalAddress key() const { return base; }
    PhysicalAddress end() const { return base + pages * page_bytes; }
};

class FreeList {
public:
    explicit FreeList(PhysicalView view) : view_(view) {}

    void give(PhysicalAddress base, std::uint64_t pages);

    // Contiguous pages from as high as possible.
    std::optional<PhysicalAddress> take_high(std::uint64_t pages);

    // Contiguous pages from as low as possible, aligned, with their end at or below `limit`.
    std::optional<PhysicalAddress> take_low(std::uint64_t pages, std::uint64_t alignment, PhysicalAddress limit);

    std::uint64_t free_pages() const { return free_pages_; }
    std::uint64_t largest() const; // pages of the largest range
    const AvlTree<FreeRange>& ranges() const { return ranges_; }

private:
    void insert(PhysicalAddress base, std::uint64_t pages);
    void cut_front(FreeRange& range, std::uint64_t pages);
    void cut_end(FreeRange& range, std::uint64_t pages);

    PhysicalView view_;
    AvlTree<FreeRange> ranges_;
    std::uint64_t free_pages_ = 0;
};

} // namespace tessera::vm
