// SPDX-License-Identifier: BSD-3-Clause
#include "servers/vm/bugs.h"

namespace tessera::vm {
namespace {

Result<Region*> make_region(Slab<Region>& regions) {
    Region* region = regions.create();
    if (region == nullptr) return Status::out_of_memory;
    return region;
}

Completion write_astray(const Space& space) {
    const Region* region = space.regions().ending_above({0});
    if (region == nullptr) return Status::invalid;
    // Behind the back of `use`; volatile, or the compiler sees that it changes nothing.
    auto& access = const_cast<volatile PageAccess&>(region->access);
    access = region->access;
    return Done{};
}

Completion free_twice(Slab<Region>& regions) {
    Region& region = *TESSERA_TRY(make_region(regions));
    regions.destroy(region);
    regions.destroy(region);
    return Done{};
}

Completion use_after_free(Slab<Region>& regions) {
    Region& region = *TESSERA_TRY(make_region(regions));
    regions.destroy(region);
    regions.use(region, [](Region& freed) {
        auto& pages = reinterpret_cast<volatile std::uint64_t&>(freed.backing);
        pages = page_bytes;
    });
    return Done{};
}

Result<PhysicalAddress> resident_frame(const Space& space, VirtualAddress page) {
    const PageEntry entry = space.table().find(page);
    if (entry.empty()) return Status::invalid;
    return entry.address();
}

// One of its own page tables.
Completion use_twice(const SpaceEnvironment& environment, Space& space, VirtualAddress page) {
    if (space.regions().containing(page) == nullptr || !space.table().find(page).empty()) return Status::invalid;
    environment.frames.retain(space.table().top()); // only the use is wrong, not the count
    return space.attach(page, space.table().top());
}

} // namespace

Completion seed(Bug bug, const SpaceEnvironment& environment, Space& space, VirtualAddress page) {
    switch (bug) {
    case Bug::stray_write:
        return write_astray(space);
    case Bug::double_free:
        return free_twice(environment.regions);
    case Bug::use_after_free:
        return use_after_free(environment.regions);
    case Bug::page_used_twice:
        return use_twice(environment, space, page);
    case Bug::page_used_and_free:
        environment.frames.release(TESSERA_TRY(resident_frame(space, page)));
        return Done{};
    case Bug::wrong_references:
        environment.frames.retain(TESSERA_TRY(resident_frame(space, page)));
        return Done{};
    case Bug::leaked_page:
        // A page of no process: its record says one.
        TESSERA_TRY(environment.frames.allocate(FrameUse::process));
        return Done{};
    case Bug::leaked_object:
        TESSERA_TRY(make_region(environment.regions));
        return Done{};
    }
    return Status::invalid;
}

} // namespace tessera::vm
