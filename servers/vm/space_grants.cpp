// SPDX-License-Identifier: BSD-3-Clause
// A space's part in maps of granted memory and in large copies.

#include "servers/vm/space_entries.h"
#include <algorithm>

namespace tessera::vm {

// ---- maps of granted memory

// The frame of a page that may be lent, had by nobody who would get a copy on the next write. out_of_memory.
Result<PhysicalAddress> Space::own_frame(VirtualAddress page) {
    const Region& region = *regions_.containing(page);
    if (table_.find(page).empty()) TESSERA_TRY(supply(region, page));
    const auto place = *table_.locate(page);
    const PageEntry entry = table_.read(place);
    if (!environment_.frames.copied_on_write(entry.address())) {
        table_.change(place, entry_for(region, entry.address(), region.access));
        return entry.address();
    }
    const PageEntry copy = TESSERA_TRY(copy_of(region, entry));
    table_.change(place, copy);
    region.type->release(entry.address(), condemned_);
    stale_ = true;
    return copy.address();
}

Completion Space::enter_granted(const GrantedMap& map) {
    has_granted_ = true;
    PageTable<SpaceTables>::Filler filler(table_);
    const Region& region = *regions_.containing(map.range.start);
    Completion result = Done{};
    for (std::uint64_t offset = 0; offset < map.range.bytes() && result.has_value(); offset += page_bytes) {
        const auto frame = map.owner->own_frame(map.source + offset);
        result = frame.has_value() ? Completion{Done{}} : Completion{frame.error()};
        if (!result.has_value()) break;
        region.type->retain(*frame);
        result = add_entry(filler, region, map.range.start + offset,
                           PageEntry::page(*frame, region.access, region.type->caching()));
        if (result.has_value()) environment_.frames.add_map(*frame);
    }
    map.owner->settle();
    return result;
}

void Space::separate(AddressRange range) {
    const Region& region = *regions_.containing(range.start);
    FrameAllocator& frames = environment_.frames;
    table_.update(range.start, range.end, [&](VirtualAddress, PageEntry entry) {
        PageEntry changed = entry_for(region, entry.address(), region.access);
        if (frames.maps(entry.address()) > 0) {
            const PhysicalAddress copy = frames.allocate_promised(FrameUse::process);
            frames.view().copy_page(copy, entry.address());
            region.type->release(entry.address(), condemned_);
            changed = PageEntry::page(copy, region.access, region.type->caching());
        }
        stale_ = stale_ || changed != entry;
        return changed;
    });
    settle();
}

void Space::protect_common(AddressRange range) {
    table_.update(range.start, range.end, [&](VirtualAddress page, PageEntry entry) {
        const Region& region = *regions_.containing(page);
        const PageEntry changed = entry_for(region, entry.address(), region.access);
        stale_ = stale_ || changed != entry;
        return changed;
    });
    settle();
}

void Space::keep_as_private(AddressRange range) {
    regions_.make_private(*regions_.containing(range.start), environment_.types.anonymous);
    regions_.join_around(range);
}

// ---- large copies

Completion Space::copy_from(Space& source, VirtualAddress from, VirtualAddress to, std::uint64_t bytes) {
    Completion result = Done{};
    while (bytes > 0 && result.has_value()) {
        std::uint64_t done = 0;
        if (from.page_aligned() && to.page_aligned() && bytes >= page_bytes) {
            const auto shared = share_pages(source, from, to, bytes / page_bytes);
            if (!shared.has_value()) {
                result = Completion{shared.error()};
                break;
            }
            done = *shared * page_bytes;
        }
        if (done == 0) {
            done = std::min({bytes, page_bytes - from.page_offset(), page_bytes - to.page_offset()});
            result = copy_bytes(source, from, to, done);
        }
        from = from + done;
        to = to + done;
        bytes -= done;
    }
    source.settle();
    settle();
    return result;
}

// Bytes that lie in one page on either side.
Completion Space::copy_bytes(Space& source, VirtualAddress from, VirtualAddress to, std::uint64_t bytes) {
    TESSERA_TRY(source.resolve(from, Access::read));
    TESSERA_TRY(resolve(to, Access::write));
    const Region* region = regions_.containing(to);
    const Region* source_region = source.regions_.containing(from);
    if (region->type->caching() != Caching::write_back || source_region->type->caching() != Caching::write_back)
        return Status::bad_address; // registers are not memory
    const PhysicalView view = environment_.frames.view();
    std::memcpy(view.at(table_.find(to).address()) + to.page_offset(),
                view.at(source.table_.find(from).address()) + from.page_offset(), bytes);
    return Done{};
}

// Shares pages in a row, at most to the end of a page table on either side. How many; 0: the first must be copied.
// out_of_memory, bad_address: some may be shared.
Result<std::uint64_t> Space::share_pages(Space& source, VirtualAddress from, VirtualAddress to, std::uint64_t most) {
    FrameAllocator& frames = environment_.frames;
    const Region* source_region = source.regions_.containing(from);
    const Region* region = regions_.containing(to);
    if (source_region == nullptr || region == nullptr || !source_region->type->lendable() ||
        !region->type->lendable() || !permits(source_region->access, Access::read) ||
        !permits(region->access, Access::write))
        return std::uint64_t{0};
    const auto source_place = source.table_.locate(from);
    if (!source_place) return std::uint64_t{0};
    const auto place = TESSERA_TRY(table_.make_place(to));
    const std::uint64_t pages = std::min({most, (source_region->range.end - from) / page_bytes,
                                          (region->range.end - to) / page_bytes, source_place->left(), place.left()});
    std::uint64_t shared = 0;
    for (; shared < pages; ++shared) {
        const auto given_place = source_place->after(shared);
        const PageEntry given = source.table_.read(given_place);
        const PageEntry present = table_.read(place.after(shared));
        // Missing, or of a map of granted memory: everybody who has that writes to the same frame.
        if (given.empty() || frames.maps(given.address()) > 0) break;
        if (present.empty()) {
            TESSERA_TRY(budget_.take());
            ++resident_pages_;
        } else {
            if (present.address() == given.address()) continue;
            if (frames.maps(present.address()) > 0) break;
            frames.condemn(present.address(), condemned_);
            stale_ = true;
        }
        frames.retain(given.address());
        table_.put(place.after(shared),
                   PageEntry::page(given.address(), region->access, Caching::write_back).write_protected());
        if (given.writable()) {
            source.table_.change(given_place, given.write_protected());
            source.stale_ = true;
        }
    }
    return shared;
}

} // namespace tessera::vm
