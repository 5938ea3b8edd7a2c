// SPDX-License-Identifier: BSD-3-Clause
#include "netmgmt/decode/grant_maps.h"

#include "servers/protocols/vm.h"

namespace tessera::netmgmt {

namespace {

using namespace protocol::vm;

std::vector<MapProtection> protection_of(Protection protection) {
    std::vector<MapProtection> shown;
    if (includes(protection, Protection::read)) shown.push_back(MapProtection::read);
    if (includes(protection, Protection::write)) shown.push_back(MapProtection::write);
    if (includes(protection, Protection::execute)) shown.push_back(MapProtection::execute);
    return shown;
}

/// A map that ends meanwhile has no more hops.
std::vector<GrantHop> hops_of(Endpoint process, const SafemapNext::Reply& map, Safemaps& safemaps,
                              const NameOf& name_of) {
    std::vector<GrantHop> hops;
    for (std::uint32_t index = 0; index < map.hop_count; ++index) {
        const auto hop = safemaps.hop({.process = process, .address = map.address, .index = index});
        if (!hop.has_value()) break;
        hops.push_back({{hop->grantor.value()}, name_of(hop->grantor), hop->grant.value()});
    }
    return hops;
}

GrantMap decoded(Endpoint process, const SafemapNext::Reply& map, const NameOf& name_of) {
    return {.grantee = {process.value()},
            .grantee_name = name_of(process),
            .address = {map.address.value},
            .bytes = {map.bytes},
            .protection = protection_of(map.protection),
            .owner = {map.owner.value()},
            .owner_name = name_of(map.owner),
            .source = {map.source.value},
            .grantor = {map.grantor.value()},
            .grantor_name = name_of(map.grantor),
            .grant = map.grant.value(),
            .hops = {}};
}

} // namespace

Result<Visit> visit_maps(Endpoint process, VirtualAddress from, Safemaps& safemaps, const NameOf& name_of,
                         Visitor<GrantMap>& visitor) {
    for (;;) {
        const auto map = safemaps.next({.process = process, .from = from});
        if (map.status() == Status::no_entry || map.status() == Status::no_such) return Visit::next;
        if (!map.has_value()) return map.error();
        GrantMap entry = decoded(process, *map, name_of);
        entry.hops = hops_of(process, *map, safemaps, name_of);
        if (visitor.visit(place_position(process.slot(), map->address), entry) == Visit::stop) return Visit::stop;
        from = map->address + map->bytes;
    }
}

} // namespace tessera::netmgmt
