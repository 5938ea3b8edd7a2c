// SPDX-License-Identifier: BSD-3-Clause
#include "servers/vm/space_check.h"
#include "kernel/abi/user_layout.h"

namespace tessera::vm {

void SpaceCheck::run() {
    std::size_t regions = 0;
    for (const Region* region = space_.regions().ending_above({0}); region != nullptr;
         region = RegionMap::next(*region)) {
        check_region(*region);
        ++regions;
    }
    check_entries();
    compare("regions", space_.regions().size(), regions);
    compare("bytes of regions", space_.regions().bytes(), bytes_);
    std::uint32_t tables = 0;
    space_.table().for_each_table([&](PhysicalAddress, std::uint32_t) { ++tables; });
    compare("page tables", space_.table_pages(), tables);
    compare("resident pages", space_.resident_pages(), held_pages_);
    std::uint32_t made = 0; // pages of shared objects that it is charged for
    shared_.for_each([&](const SharedObject& object) {
        if (object.charged_to(space_.budget())) made += object.pages();
    });
    compare("pages on the budget", space_.budget().used(), held_pages_ + tables + made);
}

void SpaceCheck::check_region(const Region& region) {
    const AddressRange range = region.range;
    const bool whole = range.start.page_aligned() && range.end.page_aligned() && !range.empty();
    if (!whole || range.start < last_end_ || range.end > user_layout::end) add(ProblemKind::wrong_region, range.start);
    last_end_ = range.end;
    bytes_ += range.bytes();
    const GrantedMap* map = region.map;
    if ((map != nullptr) != (region.type == &space_.types().mapped)) add(ProblemKind::wrong_region, range.start);
    if (map != nullptr && (map->grantee != &space_ || map->range != range)) add(ProblemKind::wrong_region, range.start);
}

void SpaceCheck::check_entries() {
    const Region* region = space_.regions().ending_above({0});
    space_.table().for_each({0}, user_layout::end, [&](VirtualAddress page, PageEntry entry) {
        while (region != nullptr && region->range.end <= page) region = RegionMap::next(*region);
        const bool inside = region != nullptr && region->range.contains(page);
        if (!inside || !fits(*region, page, entry)) add(ProblemKind::wrong_entry, page);
        if (inside && region->type->charge() == MemoryType::Charge::process) ++held_pages_;
    });
}

bool SpaceCheck::fits(const Region& region, VirtualAddress page, PageEntry entry) const {
    const bool uncached = region.type->caching() == Caching::uncached;
    if (!access_fits(region, entry) || entry.uncached() != uncached) return false;
    return region.type->keeper() == MemoryType::Keeper::references || entry.address() == region.backing_of(page);
}

// A page that is copied on write may be write-protected, and must be while others have it too.
bool SpaceCheck::access_fits(const Region& region, PageEntry entry) const {
    if (region.type->fork() != MemoryType::Fork::copy) return entry.access() == region.access;
    const bool written_by_one = !entry.writable() || !frames_.copied_on_write(entry.address());
    const bool protected_now = region.access == PageAccess::read_write && entry.access() == PageAccess::read;
    return written_by_one && (protected_now || entry.access() == region.access);
}

void SpaceCheck::compare(std::string_view name, std::uint64_t expected, std::uint64_t found) {
    if (expected == found) return;
    findings_.add({.kind = ProblemKind::wrong_count,
                   .name = name,
                   .owner = space_.owner(),
                   .expected = expected,
                   .found = found});
}

void SpaceCheck::add(ProblemKind kind, VirtualAddress address, std::source_location place) {
    findings_.add({.kind = kind, .address = address.value, .owner = space_.owner(), .second_place = place});
}

} // namespace tessera::vm
