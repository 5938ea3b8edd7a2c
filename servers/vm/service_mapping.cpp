// SPDX-License-Identifier: BSD-3-Clause
#include "servers/vm/placement.h"
#include "servers/vm/protection.h"
#include "servers/vm/service.h"
#include <algorithm>

namespace tessera::vm {

using namespace protocol::vm;

namespace {

constexpr AddressRange devices{user_layout::devices, user_layout::boot_info};

bool covers(const PhysicalRange& allowed, PhysicalAddress base, std::uint64_t bytes) {
    return base >= allowed.base && base - allowed.base <= allowed.bytes &&
           bytes <= allowed.bytes - (base - allowed.base);
}

} // namespace

Service::Outcome<Map::Reply> Service::handle(Map, const Map::Request& request, Endpoint caller) {
    Space* space = spaces_.space(caller);
    if (space == nullptr || request.bytes == 0 || request.bytes > mappable.bytes()) return Status::invalid;
    if (request.placement > MapPlacement::exactly || request.sharing > MapSharing::shared) return Status::invalid;
    const PageAccess access = TESSERA_TRY(access_of(request.protection));
    // More than the process may ever hold is refused now, not by a fault later.
    if (access != PageAccess::none && pages_for(request.bytes) > space->budget().left()) return Status::out_of_memory;

    Region region{.access = access, .type = &environment_.types.anonymous};
    if (request.sharing == MapSharing::shared)
        TESSERA_TRY(map_shared(*space, region, request));
    else
        TESSERA_TRY(map_region(*space, region, request));
    return Map::Reply{region.range.start};
}

Completion Service::map_region(Space& space, Region& region, const Map::Request& request) const {
    if (request.placement == MapPlacement::exactly) {
        region.range = TESSERA_TRY(mappable_range(request.address, request.bytes));
        return space.map_over(region);
    }
    region.range = TESSERA_TRY(place(space, request.address, request.bytes));
    return space.map(region);
}

Completion Service::map_shared(Space& space, Region& region, const Map::Request& request) {
    const auto pages = pages_for(request.bytes);
    if (pages > space.budget().left()) return Status::out_of_memory;
    auto& objects = environment_.shared;
    SharedObject* object = TESSERA_TRY(objects.make(static_cast<std::uint32_t>(pages), space.owner(), space.budget()));
    region.type = &environment_.types.shared;
    region.object = object;
    objects.retain(*object); // until it has a region, or has none
    const Completion mapped = map_region(space, region, request);
    objects.release(*object);
    return mapped;
}

// The address that was asked for, if it is free; else the lowest free one. out_of_memory.
Result<AddressRange> Service::place(const Space& space, VirtualAddress hint, std::uint64_t bytes) const {
    const auto wanted = mappable_range(hint, bytes);
    if (wanted.has_value() && space.regions().free(*wanted)) return *wanted;
    return free_range(space, bytes);
}

Service::Outcome<Break::Reply> Service::handle(Break, const Break::Request& request, Endpoint caller) {
    Space* space = spaces_.space(caller);
    if (space == nullptr) return Status::invalid;
    if (request.end != VirtualAddress{}) TESSERA_TRY(space->move_heap_end(request.end));
    return Break::Reply{space->heap_end()};
}

Service::Outcome<protocol::Nothing> Service::handle(Unmap, const Unmap::Request& request, Endpoint caller) {
    Space* space = spaces_.space(caller);
    const auto range = page_range(request.address, request.bytes, user_layout::end);
    if (space == nullptr || !range || range->empty()) return Status::invalid;
    return space->unmap(*range).status();
}

Service::Outcome<protocol::Nothing> Service::handle(Protect, const Protect::Request& request, Endpoint caller) {
    Space* space = spaces_.space(caller);
    const auto range = page_range(request.address, request.bytes, user_layout::end);
    if (space == nullptr || !range) return Status::invalid;
    const PageAccess access = TESSERA_TRY(access_of(request.protection));
    return range->empty() ? Status::ok : space->protect(*range, access).status();
}

Service::Outcome<DeviceMap::Reply> Service::handle(DeviceMap, const DeviceMap::Request& request, Endpoint caller) {
    Space* space = spaces_.space(caller);
    if (space == nullptr || request.bytes == 0 || request.bytes > devices.bytes()) return Status::invalid;
    const Privileges privileges = TESSERA_TRY(environment_.kernel.privileges(caller));
    const std::span ranges =
        std::span(privileges.memory_ranges)
            .first(std::min<std::size_t>(privileges.memory_range_count, privilege_memory_range_limit));
    if (std::ranges::none_of(ranges, [&](const auto& range) { return covers(range, request.base, request.bytes); }))
        return Status::not_permitted;

    const PhysicalAddress first = request.base.page();
    const std::uint64_t bytes = (request.base + request.bytes).page_up() - first;
    if (touches_ram(first, bytes)) return Status::not_permitted;
    const auto range = space->regions().gap(bytes, devices);
    if (!range) return Status::out_of_memory;
    TESSERA_TRY(space->map(
        {.range = *range, .access = PageAccess::read_write, .type = &environment_.types.device, .backing = first}));
    const Completion populated = space->populate(*range);
    if (populated.has_value()) return DeviceMap::Reply{range->start + request.base.page_offset()};
    space->remove(*space->regions().containing(range->start));
    return populated.error();
}

// Memory of others, whatever somebody's configuration says.
bool Service::touches_ram(PhysicalAddress base, std::uint64_t bytes) const {
    const auto ranges = std::span(boot_info_.ranges).first(boot_info_.range_count);
    return std::ranges::any_of(ranges, [&](const MemoryRange& range) {
        return range.kind != MemoryKind::reserved && base < range.base + range.bytes && range.base < base + bytes;
    });
}

Service::Outcome<OwnMemory::Reply> Service::handle(OwnMemory, const Nothing&, Endpoint caller) {
    OwnMemory::Reply reply{.preserved = user_layout::preserved, .contiguous = user_layout::contiguous};
    const ProcessMemory* memory = spaces_.find(caller);
    if (memory == nullptr) return reply;
    if (const Region* region = memory->space.regions().containing(user_layout::preserved))
        reply.preserved_bytes = region->range.bytes();
    if (const Region* region = memory->space.regions().containing(user_layout::contiguous)) {
        reply.contiguous_bytes = region->range.bytes();
        reply.contiguous_physical = region->backing;
    }
    reply.inherited = memory->inherited ? 1 : 0;
    return reply;
}

} // namespace tessera::vm
