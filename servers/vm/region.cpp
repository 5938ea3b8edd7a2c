// SPDX-License-Identifier: BSD-3-Clause
#include "servers/vm/region.h"
#include "servers/vm/memory_type.h"
#include <algorithm>

namespace tessera::vm {
namespace {

// Whether two regions that meet are one.
bool alike(const Region& lower, const Region& upper) {
    return lower.type == upper.type && lower.access == upper.access && lower.most == upper.most &&
           lower.type->joins(lower, upper);
}

} // namespace

Region* RegionMap::containing(VirtualAddress address) const {
    Region* region = regions_.at_or_below(address);
    return region != nullptr && region->range.contains(address) ? region : nullptr;
}

Region* RegionMap::ending_above(VirtualAddress address) const {
    Region* region = containing(address);
    return region != nullptr ? region : regions_.at_or_above(address);
}

bool RegionMap::free(AddressRange range) const {
    const Region* region = ending_above(range.start);
    return region == nullptr || region->range.start >= range.end;
}

std::optional<AddressRange> RegionMap::gap(std::uint64_t bytes, AddressRange window) const {
    VirtualAddress start = window.start;
    const Region* region = ending_above(start);
    for (; region != nullptr && region->range.start < window.end; region = next(*region)) {
        if (region->range.start > start && region->range.start - start >= bytes) break;
        start = region->range.end;
    }
    if (start >= window.end || bytes > window.end - start) return std::nullopt;
    return AddressRange{start, start + bytes};
}

Completion RegionMap::insert(const Region& region) {
    if (extend(region)) return Done{};
    put(*TESSERA_TRY(make(region)));
    return Done{};
}

// The region below becomes longer, if the two are alike: `put` would make one of them too.
bool RegionMap::extend(const Region& region) {
    Region* lower = regions_.at_or_below(region.range.start);
    if (lower == nullptr || lower->range.end != region.range.start || !alike(*lower, region)) return false;
    bytes_ += region.range.bytes();
    slab_.use(*lower, [&](Region& changed) { changed.range.end = region.range.end; });
    join_at(region.range.end);
    return true;
}

Completion RegionMap::add_unjoined(const Region& region) {
    link(*TESSERA_TRY(make(region)));
    return Done{};
}

Result<Region*> RegionMap::make(const Region& region) {
    Region* made = regions_.size() < region_limit ? slab_.create(region) : nullptr;
    if (made == nullptr) return Status::out_of_memory;
    made->type->made(*made);
    return made;
}

void RegionMap::discard(Region& region) {
    region.type->gone(region);
    slab_.destroy(region);
}

void RegionMap::put(Region& region) {
    const AddressRange range = region.range;
    link(region);
    join_around(range);
}

Completion RegionMap::split_around(AddressRange range) {
    TESSERA_TRY(split_at(range.start));
    const Completion end = split_at(range.end);
    if (!end.has_value()) join_at(range.start);
    return end;
}

void RegionMap::erase(AddressRange range) {
    for (Region* region = regions_.at_or_above(range.start); region != nullptr && region->range.end <= range.end;) {
        Region& erased = *region;
        region = next(erased);
        drop(erased);
    }
}

void RegionMap::set_access(AddressRange range, PageAccess access) {
    for (Region* region = regions_.at_or_above(range.start); region != nullptr && region->range.end <= range.end;
         region = next(*region))
        slab_.use(*region, [&](Region& changed) { changed.access = access; });
}

void RegionMap::make_private(Region& region, const MemoryType& type) {
    slab_.use(region, [&](Region& changed) {
        changed.type = &type;
        changed.map = nullptr;
        changed.most.reset();
    });
}

void RegionMap::join_around(AddressRange range) {
    for (Region* region = ending_above(range.start); region != nullptr && region->range.start < range.end;) {
        const VirtualAddress end = region->range.end;
        join_at(region->range.start);
        region = ending_above(end);
    }
    join_at(range.end);
}

void RegionMap::clear() {
    bytes_ = 0;
    regions_.clear([this](Region& region) { discard(region); });
}

Completion RegionMap::split_at(VirtualAddress address) {
    Region* lower = containing(address);
    if (lower == nullptr || lower->range.start == address) return Done{};
    Region* upper = TESSERA_TRY(make({.range = {address, lower->range.end},
                                      .access = lower->access,
                                      .most = lower->most,
                                      .type = lower->type,
                                      .backing = lower->backing_of(address),
                                      .object = lower->object,
                                      .offset = lower->offset_of(address)}));
    bytes_ -= upper->range.bytes();
    slab_.use(*lower, [&](Region& changed) { changed.range.end = address; });
    link(*upper);
    return Done{};
}

void RegionMap::join_at(VirtualAddress address) {
    Region* upper = regions_.find(address);
    Region* lower = upper == nullptr ? nullptr : Tree::previous(*upper);
    if (lower == nullptr || lower->range.end != address || !alike(*lower, *upper)) return;
    const VirtualAddress end = upper->range.end;
    drop(*upper);
    bytes_ += end - address;
    slab_.use(*lower, [&](Region& changed) { changed.range.end = end; });
}

void RegionMap::link(Region& region) {
    regions_.insert(region);
    bytes_ += region.range.bytes();
}

void RegionMap::drop(Region& region) {
    bytes_ -= region.range.bytes();
    regions_.erase(region);
    discard(region);
}

} // namespace tessera::vm
