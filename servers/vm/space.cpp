// SPDX-License-Identifier: BSD-3-Clause
#include "servers/vm/space.h"
#include "kernel/abi/user_layout.h"
#include "servers/vm/space_entries.h"

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
    if (dependents_ != nullptr || has_granted_) environment_.maps.end_all(*this);
    remove_pages({{0}, user_layout::end});
    table_.destroy();
    environment_.frames.free(condemned_);
    environment_.shared.forget(budget_);
}

Completion Space::bind(VirtualAddress entry, VirtualAddress stack) {
    TESSERA_TRY(environment_.kernel.space_bind(owner_, entry, stack));
    bound_ = true;
    return Done{};
}

Completion Space::attach_process() {
    TESSERA_TRY(environment_.kernel.space_attach(owner_));
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

inline Space::Contents Space::contents(AddressRange range) const {
    Contents found;
    for (const Region* region = regions_.ending_above(range.start);
         region != nullptr && region->range.start < range.end; region = RegionMap::next(*region)) {
        if (region->type->control() == MemoryType::Control::fixed) found.fixed = true;
        if (region->map != nullptr) found.granted = true;
    }
    return found;
}

// Maps of granted memory that the range has to do with end first.
inline Completion Space::prepare_removal(AddressRange range) {
    const Contents present = contents(range);
    if (present.fixed) return Status::invalid;
    if (present.granted || dependents_ != nullptr) [[unlikely]]
        return environment_.maps.end_in(*this, range);
    return Done{};
}

Completion Space::map_over(const Region& region) {
    TESSERA_TRY(prepare_removal(region.range));
    Region* made = TESSERA_TRY(regions_.make(region));
    const Completion split = regions_.split_around(region.range);
    if (!split.has_value()) {
        regions_.discard(*made);
        return split;
    }
    remove_pages(region.range);
    settle();
    regions_.erase(region.range);
    regions_.put(*made);
    return Done{};
}

Completion Space::unmap(AddressRange range) {
    TESSERA_TRY(prepare_removal(range));
    TESSERA_TRY(regions_.split_around(range));
    remove_pages(range);
    settle();
    regions_.erase(range);
    return Done{};
}

Completion Space::protect(AddressRange range, PageAccess access) {
    VirtualAddress covered = range.start;
    for (const Region* region = regions_.ending_above(range.start);
         region != nullptr && region->range.start <= covered && covered < range.end;
         region = RegionMap::next(*region)) {
        if (region->type->control() != MemoryType::Control::unmap_and_protect) return Status::access_denied;
        if (region->most && !within(access, *region->most)) return Status::access_denied;
        covered = region->range.end;
    }
    if (covered < range.end) return Status::out_of_memory;
    TESSERA_TRY(regions_.split_around(range));
    regions_.set_access(range, access);
    regions_.join_around(range);
    bool changed = false;
    table_.update(range.start, range.end, [&](VirtualAddress page, PageEntry entry) {
        const PageEntry updated = entry_for(*regions_.containing(page), entry.address(), access);
        changed = changed || updated != entry;
        return updated;
    });
    if (changed && bound_) environment_.kernel.space_flush(owner_);
    return Done{};
}

void Space::remove(const Region& region) {
    const AddressRange range = region.range;
    remove_pages(region);
    settle();
    regions_.erase(range);
}

Result<Resolution> Space::resolve(VirtualAddress address, Access access) {
    const Region* region = regions_.containing(address);
    if (region == nullptr || !permits(region->access, access)) return Status::bad_address;
    const auto place = table_.locate(address);
    const PageEntry entry = place ? table_.read(*place) : PageEntry{};
    if (entry.empty()) {
        TESSERA_TRY(supply(*region, address.page()));
        return Resolution::supplied;
    }
    if (access == Access::write && !entry.writable()) return make_writable(*region, *place);
    return Resolution::was_there;
}

// Of a page that is copied on write, by a process that may write to it. Whoever is alone with a page writes to it: VM
// does one thing at a time, so nobody else can come by a reference in between.
Result<Resolution> Space::make_writable(const Region& region, PageTable<SpaceTables>::Place place) {
    const PhysicalAddress frame = table_.read(place).address();
    if (!environment_.frames.copied_on_write(frame)) {
        table_.change(place, entry_for(region, frame, region.access));
        return Resolution::made_writable;
    }
    table_.change(place, TESSERA_TRY(copy_of(region, table_.read(place))));
    region.type->release(frame, condemned_);
    stale_ = true;
    settle();
    return Resolution::copied;
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

void Space::start_heap(VirtualAddress start) { heap_start_ = heap_end_ = start; }

Completion Space::move_heap_end(VirtualAddress end) {
    if (end < heap_start_) return Status::invalid;
    if (heap_start_ == VirtualAddress{} || end > user_layout::anonymous) return Status::out_of_memory;
    const VirtualAddress old_top = heap_end_.page_up();
    const VirtualAddress top = end.page_up();
    if (top > old_top) {
        const AddressRange range{old_top, top};
        if (range.pages() > budget_.left() || !regions_.free(range)) return Status::out_of_memory;
        TESSERA_TRY(map({.range = range, .access = PageAccess::read_write, .type = &environment_.types.heap}));
    } else if (top < old_top) {
        TESSERA_TRY(unmap({top, old_top}));
    }
    heap_end_ = end;
    return Done{};
}

Completion Space::read(VirtualAddress from, std::span<std::byte> to) {
    while (!to.empty()) {
        TESSERA_TRY(resolve(from, Access::read));
        const std::size_t bytes = std::min<std::size_t>(to.size(), page_bytes - from.page_offset());
        const PhysicalAddress frame = table_.find(from).address();
        std::memcpy(to.data(), environment_.frames.view().at(frame) + from.page_offset(), bytes);
        to = to.subspan(bytes);
        from = from + bytes;
    }
    return Done{};
}

// An entry for a copy of a page. out_of_memory.
Result<PageEntry> Space::copy_of(const Region& region, PageEntry entry) {
    const PhysicalAddress copy = TESSERA_TRY(environment_.frames.allocate(FrameUse::process));
    environment_.frames.view().copy_page(copy, entry.address());
    return entry_for(region, copy, region.access);
}

std::uint32_t Space::resident_pages(AddressRange range) const {
    std::uint32_t pages = 0;
    table_.for_each(range.start, range.end, [&](VirtualAddress, PageEntry) { ++pages; });
    return pages;
}

Completion Space::supply(const Region& region, VirtualAddress page) {
    return enter(region, page, TESSERA_TRY(region.type->supply(region, page)));
}

// An entry for a frame in the region. Nobody writes to a page that is copied on write.
PageEntry Space::entry_for(const Region& region, PhysicalAddress frame, PageAccess access) const {
    const PageEntry entry = PageEntry::page(frame, access, region.type->caching());
    const bool copied = region.type->fork() == MemoryType::Fork::copy && environment_.frames.copied_on_write(frame);
    return copied ? entry.write_protected() : entry;
}

Completion Space::enter(const Region& region, VirtualAddress page, PhysicalAddress frame) {
    PageTable<SpaceTables>::Filler filler(table_);
    return add_entry(filler, region, page, entry_for(region, frame, region.access));
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

// The process may have run since its entries were removed, or may run before the kernel is told: until the flush the
// processor can know old translations, of pages and of tables. Only after it are they free for others.
void Space::settle() {
    if (!std::exchange(stale_, false)) return;
    if (bound_) environment_.kernel.space_flush(owner_);
    environment_.frames.free(condemned_);
}

} // namespace tessera::vm
