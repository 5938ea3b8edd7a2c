// SPDX-License-Identifier: BSD-3-Clause
#include "servers/vm/space.h"
#include "kernel/abi/user_layout.h"

namespace tessera::vm {

Space::Space(const SpaceEnvironment& environment, Endpoint owner, std::uint32_t budget_pages)
    : environment_(environment),
      owner_(owner),
      budget_(budget_pages),
      tables_(environment.frames, budget_, condemned_),
      table_(tables_),
      regions_(environment.regions) {}

Space::~Space() {
    if (table_.top() == PhysicalAddress{}) return; // `create` failed
    remove_pages({{0}, user_layout::end});
    table_.destroy();
    environment_.frames.free(condemned_);
}

Completion Space::bind(VirtualAddress entry, VirtualAddress stack) {
    TESSERA_TRY(environment_.kernel.space_bind(owner_, entry, stack));
    bound_ = true;
    return Done{};
}

Completion Space::unbind() {
    if (!bound_) return Done{};
    const Completion result = environment_.kernel.space_unbind(owner_);
    if (!result.has_value() && result.error() != Status::dead_endpoint) return result;
    bound_ = false;
    return Done{};
}

Completion Space::map(const Region& region) { return regions_.insert(region); }

Completion Space::map_over(const Region& region) {
    if (any_fixed(region.range)) return Status::invalid;
    Region* made = TESSERA_TRY(regions_.make(region));
    const Completion split = regions_.split_around(region.range);
    if (!split.has_value()) {
        regions_.discard(*made);
        return split;
    }
    remove_pages(region.range);
    regions_.erase(region.range);
    regions_.put(*made);
    settle();
    return Done{};
}

Completion Space::unmap(AddressRange range) {
    if (any_fixed(range)) return Status::invalid;
    TESSERA_TRY(regions_.split_around(range));
    remove_pages(range);
    regions_.erase(range);
    settle();
    return Done{};
}

Completion Space::protect(AddressRange range, PageAccess access) {
    VirtualAddress covered = range.start;
    for (const Region* region = regions_.ending_above(range.start);
         region != nullptr && region->range.start <= covered && covered < range.end;
         region = RegionMap::next(*region)) {
        if (region->type->control() != MemoryType::Control::unmap_and_protect) return Status::access_denied;
        covered = region->range.end;
    }
    if (covered < range.end) return Status::out_of_memory;
    TESSERA_TRY(regions_.split_around(range));
    regions_.set_access(range, access);
    regions_.join_around(range);
    bool changed = false;
    table_.update(range.start, range.end, [&](VirtualAddress, PageEntry entry) {
        const PageEntry updated = entry.with_access(access);
        changed = changed || updated != entry;
        return updated;
    });
    if (changed && bound_) environment_.kernel.space_flush(owner_);
    return Done{};
}

void Space::remove(const Region& region) {
    const AddressRange range = region.range;
    remove_pages(region);
    regions_.erase(range);
    settle();
}

Result<Resolution> Space::resolve(VirtualAddress address, Access access) {
    const Region* region = regions_.containing(address);
    if (region == nullptr || !permits(region->access, access)) return Status::bad_address;
    if (!table_.find(address).empty()) return Resolution::was_there;
    TESSERA_TRY(supply(*region, address.page()));
    return Resolution::supplied;
}

Completion Space::populate(AddressRange range) {
    const Region* region = regions_.containing(range.start);
    for (VirtualAddress page = range.start; page < range.end; page = page + page_bytes)
        if (table_.find(page).empty()) TESSERA_TRY(supply(*region, page));
    return Done{};
}

Completion Space::attach(VirtualAddress page, PhysicalAddress frame) {
    return enter(*regions_.containing(page), page, frame);
}

Completion Space::share(const Space& other, const Region& region) {
    Completion result = Done{};
    other.table_.for_each(region.range.start, region.range.end, [&](VirtualAddress page, PageEntry entry) {
        if (!result.has_value()) return;
        region.type->retain(entry.address());
        result = attach(page, entry.address());
    });
    return result;
}

std::uint32_t Space::resident_pages(AddressRange range) const {
    std::uint32_t pages = 0;
    table_.for_each(range.start, range.end, [&](VirtualAddress, PageEntry) { ++pages; });
    return pages;
}

Completion Space::supply(const Region& region, VirtualAddress page) {
    return enter(region, page, TESSERA_TRY(region.type->supply(region, page)));
}

Completion Space::enter(const Region& region, VirtualAddress page, PhysicalAddress frame) {
    const bool charged = region.type->charge() == MemoryType::Charge::process;
    Completion result = charged ? budget_.take() : Completion{Done{}};
    if (result.has_value()) {
        result = table_.set(page, PageEntry::page(frame, region.access, region.type->caching()));
        if (result.has_value()) {
            if (charged) ++resident_pages_;
            return result;
        }
        if (charged) budget_.give();
    }
    region.type->release(frame, condemned_);
    environment_.frames.free(condemned_); // no processor ever saw it
    return result;
}

void Space::remove_pages(const Region& region) {
    table_.remove(region.range.start, region.range.end, [&](VirtualAddress, PageEntry entry) {
        stale_ = true;
        region.type->release(entry.address(), condemned_);
        if (region.type->charge() != MemoryType::Charge::process) return;
        budget_.give();
        --resident_pages_;
    });
}

// Of regions that lie in the range whole.
void Space::remove_pages(AddressRange range) {
    for (const Region* region = regions_.ending_above(range.start); region != nullptr && region->range.end <= range.end;
         region = RegionMap::next(*region))
        remove_pages(*region);
}

bool Space::any_fixed(AddressRange range) const {
    for (const Region* region = regions_.ending_above(range.start);
         region != nullptr && region->range.start < range.end; region = RegionMap::next(*region))
        if (region->type->control() == MemoryType::Control::fixed) return true;
    return false;
}

// The process may have run since its entries were removed, or may run before the kernel is told: until the flush the
// processor can know old translations, of pages and of tables. Only after it are they free for others.
void Space::settle() {
    if (!std::exchange(stale_, false)) return;
    if (bound_) environment_.kernel.space_flush(owner_);
    environment_.frames.free(condemned_);
}

} // namespace tessera::vm
