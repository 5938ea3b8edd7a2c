// SPDX-License-Identifier: BSD-3-Clause
// A space as a copy of another.

#include "servers/vm/space_entries.h"

namespace tessera::vm {

// One more entry for the same page.
[[gnu::always_inline]] inline Result<PageEntry> Space::another(const Region& region, PageEntry entry) {
    region.type->retain(entry.address());
    return entry;
}

Completion Space::copy(Space& parent) {
    heap_start_ = parent.heap_start_;
    heap_end_ = parent.heap_end_;
    Completion result = Done{};
    CopiesMade made;
    for (const Region* region = parent.regions_.first(); region != nullptr && result.has_value();
         region = RegionMap::next(*region)) {
        const MemoryType::Fork fork = region->type->fork();
        if (fork == MemoryType::Fork::refuse) result = Status::invalid;
        if (fork == MemoryType::Fork::copy || fork == MemoryType::Fork::share) {
            Region copied = *region;
            copied.hook = {};
            if (region->map != nullptr) { // the child gets a copy
                copied.type = &environment_.types.anonymous;
                copied.map = nullptr;
                copied.most.reset();
            }
            result = regions_.add_unjoined(copied);
            if (result.has_value()) result = copy_pages(parent, *region, made);
        }
    }
    if (parent.bound_) environment_.kernel.space_flush(parent.owner_); // it cannot write to its pages any more
    return result;
}

// The parent's entries stay write-protected when this fails: the first write to each finds nobody else there.
Completion Space::copy_pages(Space& parent, const Region& region, CopiesMade& made) {
    const bool shared = region.type->fork() == MemoryType::Fork::share;
    const std::uint32_t most = region.type->copied_at_once();
    std::uint32_t& copied = made.of(region.type->kind());
    PageTable<SpaceTables>::Filler filler(table_);
    Completion result = Done{};
    parent.table_.update(region.range.start, region.range.end, [&](VirtualAddress page, PageEntry entry) {
        if (!result.has_value()) return entry;
        const bool early = entry.writable() && copied < most;
        if (early) ++copied;
        const bool now = early || (!shared && environment_.frames.maps(entry.address()) > 0);
        const PageEntry kept = shared || now ? entry : entry.write_protected();
        const auto given = now ? copy_of(region, kept) : another(region, kept);
        result = given.has_value() ? add_entry(filler, region, page, *given) : Completion{given.error()};
        return kept;
    });
    return result;
}

} // namespace tessera::vm
