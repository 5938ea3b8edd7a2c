// SPDX-License-Identifier: BSD-3-Clause
#include "servers/vm/free_list.h"
#include "servers/vm/fatal.h"
#include <algorithm>
#include <new>

namespace tessera::vm {

void FreeList::give(PhysicalAddress base, std::uint64_t pages) {
    if (pages == 0) return;
    const PhysicalAddress end = base + pages * page_bytes;
    FreeRange* below = ranges_.at_or_below(base);
    FreeRange* above = below != nullptr ? AvlTree<FreeRange>::next(*below) : ranges_.first();
    if ((below != nullptr && below->end() > base) || (above != nullptr && above->base < end))
        fatal("free list: given back twice");

    free_pages_ += pages;
    if (above != nullptr && above->base == end) {
        pages += above->pages;
        ranges_.erase(*above);
    }
    if (below != nullptr && below->end() == base)
        below->pages += pages;
    else
        insert(base, pages);
}

std::optional<PhysicalAddress> FreeList::take_high(std::uint64_t pages) {
    FreeRange* range = ranges_.last();
    while (range != nullptr && range->pages < pages) range = AvlTree<FreeRange>::previous(*range);
    if (range == nullptr || pages == 0) return std::nullopt;
    const PhysicalAddress piece = range->end() - pages * page_bytes;
    cut_end(*range, pages);
    free_pages_ -= pages;
    return piece;
}

std::optional<PhysicalAddress> FreeList::take_low(std::uint64_t pages, std::uint64_t alignment, PhysicalAddress limit) {
    if (pages == 0 || pages > free_pages_) return std::nullopt;
    const std::uint64_t bytes = pages * page_bytes;
    for (FreeRange* range = ranges_.first(); range != nullptr; range = AvlTree<FreeRange>::next(*range)) {
        const PhysicalAddress piece{(range->base.value + alignment - 1) / alignment * alignment};
        if (piece + bytes > limit) return std::nullopt;
        if (piece + bytes > range->end()) continue;
        const std::uint64_t behind = (range->end() - piece) / page_bytes - pages;
        if (piece == range->base) {
            cut_front(*range, pages);
        } else {
            cut_end(*range, pages + behind);
            if (behind > 0) insert(piece + bytes, behind);
        }
        free_pages_ -= pages;
        return piece;
    }
    return std::nullopt;
}

std::uint64_t FreeList::largest() const {
    std::uint64_t pages = 0;
    for (const FreeRange* range = ranges_.first(); range != nullptr; range = AvlTree<FreeRange>::next(*range))
        pages = std::max(pages, range->pages);
    return pages;
}

void FreeList::insert(PhysicalAddress base, std::uint64_t pages) {
    ranges_.insert(*::new (view_.at(base)) FreeRange{.base = base, .pages = pages});
}

void FreeList::cut_front(FreeRange& range, std::uint64_t pages) {
    if (range.pages == pages) return ranges_.erase(range);
    const PhysicalAddress base = range.base + pages * page_bytes;
    auto& moved = *::new (view_.at(base)) FreeRange{.base = base, .pages = range.pages - pages};
    ranges_.exchange(range, moved);
}

void FreeList::cut_end(FreeRange& range, std::uint64_t pages) {
    if (range.pages == pages) return ranges_.erase(range);
    range.pages -= pages;
}

} // namespace tessera::vm
