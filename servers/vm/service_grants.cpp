// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/abi/calls/grants.h"
#include "servers/vm/placement.h"
#include "servers/vm/protection.h"
#include "servers/vm/service.h"

namespace tessera::vm {

using namespace protocol::vm;

namespace {

constexpr GrantRights rights_for(PageAccess access) {
    const GrantRights to_read = GrantRights::map | GrantRights::read;
    return access == PageAccess::read_write ? to_read | GrantRights::write : to_read;
}

// The region of a map of granted memory at an address; nullptr: none.
const Region* granted_region(const Space* space, VirtualAddress address) {
    const Region* region = space == nullptr ? nullptr : space->regions().containing(address);
    return region != nullptr && region->map != nullptr ? region : nullptr;
}

} // namespace

Service::Outcome<Safemap::Reply> Service::handle(Safemap, const Safemap::Request& request, Endpoint caller) {
    Space* grantee = spaces_.space(caller);
    if (grantee == nullptr || request.bytes == 0 || request.bytes % page_bytes != 0) return Status::invalid;
    const PageAccess access = TESSERA_TRY(access_of(request.protection));
    if (access != PageAccess::read && access != PageAccess::read_write) return Status::invalid;
    const GrantPath path = TESSERA_TRY(environment_.kernel.grant_resolve({.grantee = caller,
                                                                          .grantor = request.grantor,
                                                                          .grant = request.grant,
                                                                          .rights = rights_for(access),
                                                                          .offset = request.offset,
                                                                          .bytes = request.bytes}));
    if (!path.address.page_aligned()) return Status::invalid;
    const AddressRange range =
        TESSERA_TRY(request.address == VirtualAddress{} ? free_range(*grantee, request.bytes)
                                                        : mappable_range(request.address, request.bytes));
    Space* owner = spaces_.space(path.owner);
    if (owner == nullptr || owner == grantee) return Status::access_denied;
    std::array<Space*, indirect_hop_limit + 1> grantors{};
    for (std::size_t i = 0; i < path.hop_count; ++i) {
        grantors[i] = spaces_.space(path.hops[i].grantor);
        if (grantors[i] == nullptr) return Status::access_denied; // VM's own memory
    }
    TESSERA_TRY(environment_.maps.make({.grantee = *grantee,
                                        .range = range,
                                        .access = access,
                                        .path = path,
                                        .grantors = std::span(grantors).first(path.hop_count),
                                        .owner = *owner}));
    return Safemap::Reply{range.start};
}

Service::Outcome<protocol::Nothing> Service::handle(Safeunmap, const Safeunmap::Request& request, Endpoint caller) {
    const Region* region = granted_region(spaces_.space(caller), request.address);
    if (region == nullptr || region->range.start != request.address) return Status::bad_address;
    TESSERA_TRY(environment_.maps.end(*region->map));
    return protocol::Nothing{};
}

Service::Outcome<Saferevoke::Reply> Service::handle(Saferevoke, const Saferevoke::Request& request, Endpoint caller) {
    Space* grantor = spaces_.space(caller);
    if (grantor == nullptr || !request.grant.valid()) return Status::invalid;
    return Saferevoke::Reply{TESSERA_TRY(environment_.maps.end_of_grant(*grantor, request.grant))};
}

Service::Outcome<Saferevoke::Reply> Service::handle(SaferevokeRange, const SaferevokeRange::Request& request,
                                                    Endpoint caller) {
    Space* owner = spaces_.space(caller);
    const auto range = page_range(request.address, request.bytes, user_layout::end);
    if (owner == nullptr || !range || range->empty()) return Status::invalid;
    return Saferevoke::Reply{TESSERA_TRY(environment_.maps.end_of_owner(*owner, *range))};
}

Service::Outcome<protocol::Nothing> Service::handle(Safecopy, const Safecopy::Request& request, Endpoint caller) {
    if (request.bytes > kernel_calls::safecopy_limit) return Status::too_big;
    if (request.direction > CopyDirection::to_grant) return Status::invalid;
    const bool from_grant = request.direction == CopyDirection::from_grant;
    Space* own = spaces_.space(caller);
    const GrantPath path =
        TESSERA_TRY(environment_.kernel.grant_resolve({.grantee = caller,
                                                       .grantor = request.grantor,
                                                       .grant = request.grant,
                                                       .rights = from_grant ? GrantRights::read : GrantRights::write,
                                                       .offset = request.offset,
                                                       .bytes = request.bytes}));
    Space* other = spaces_.space(path.owner);
    if (own == nullptr || other == nullptr || own == other) return Status::invalid;
    const bool in_user_space =
        request.address < user_layout::end && request.bytes <= user_layout::end - request.address;
    if (!in_user_space) return Status::bad_address;
    const Completion copied = from_grant ? own->copy_from(*other, path.address, request.address, request.bytes)
                                         : other->copy_from(*own, request.address, path.address, request.bytes);
    return copied.status();
}

Service::Outcome<SafemapNext::Reply> Service::handle(SafemapNext, const SafemapNext::Request& request, Endpoint) {
    const Space* space = spaces_.space(request.process);
    if (space == nullptr) return Status::no_such;
    const Region* region = space->regions().ending_above(request.from);
    while (region != nullptr && region->map == nullptr) region = RegionMap::next(*region);
    if (region == nullptr) return Status::no_entry;
    const GrantedMap& map = *region->map;
    return SafemapNext::Reply{.address = map.range.start,
                              .bytes = map.range.bytes(),
                              .source = map.source,
                              .owner = map.owner->owner(),
                              .grantor = map.hops[0].grantor,
                              .grant = map.hops[0].grant,
                              .protection = protection_of(region->access),
                              .hop_count = map.hop_count};
}

Service::Outcome<SafemapHop::Reply> Service::handle(SafemapHop, const SafemapHop::Request& request, Endpoint) {
    const Space* space = spaces_.space(request.process);
    if (space == nullptr) return Status::no_such;
    const Region* region = granted_region(space, request.address);
    if (region == nullptr || region->range.start != request.address || request.index >= region->map->hop_count)
        return Status::no_entry;
    return region->map->hops[request.index];
}

} // namespace tessera::vm
