// SPDX-License-Identifier: BSD-3-Clause
#include "servers/vm/granted_maps.h"
#include "kernel/abi/user_layout.h"
#include "servers/vm/space.h"
#include <algorithm>

namespace tessera::vm {
namespace {

constexpr bool overlap(AddressRange one, AddressRange other) { return one.start < other.end && other.start < one.end; }

constexpr AddressRange everything{{0}, user_layout::end};

} // namespace

// ---- making

// All of it is the owner's private memory, or had by a map, and the owner may access it so. access_denied.
Completion GrantedMaps::check_source(const Request& request) const {
    VirtualAddress covered = request.path.address;
    const VirtualAddress end = covered + request.range.bytes();
    const RegionMap& regions = request.owner.regions();
    for (const Region* region = regions.containing(covered); region != nullptr && covered < end;
         region = regions.containing(covered)) {
        if (!region->type->lendable() || !within(request.access, region->access)) return Status::access_denied;
        covered = region->range.end;
    }
    return covered < end ? Completion{Status::access_denied} : Completion{Done{}};
}

Completion GrantedMaps::make(const Request& request) {
    TESSERA_TRY(check_source(request));
    if (request.range.pages() > request.grantee.budget().left()) return Status::out_of_memory;
    GrantedMap* map = slab_.create();
    if (map == nullptr) return Status::out_of_memory;
    slab_.keep_open(*map);
    const Completion mapped = request.grantee.map_over({.range = request.range,
                                                        .access = request.access,
                                                        .most = request.access,
                                                        .type = &request.grantee.types().mapped,
                                                        .map = map});
    if (!mapped.has_value()) {
        slab_.destroy(*map);
        return mapped;
    }
    map->grantee = &request.grantee;
    map->range = request.range;
    map->owner = &request.owner;
    map->source = request.path.address;
    map->hops = request.path.hops;
    map->hop_count = request.path.hop_count;
    for (std::size_t i = 0; i < map->hop_count; ++i) depend(*map, i, *request.grantors[i]);
    depend(*map, map->hop_count, request.owner);
    const Completion entered = request.grantee.enter_granted(*map);
    if (!entered.has_value()) abandon(*map);
    return entered;
}

// Of a map whose pages were not all entered.
void GrantedMaps::abandon(GrantedMap& map) {
    Ending ending;
    add(ending, map);
    withdraw(ending);
    map.grantee->remove(*map.grantee->regions().containing(map.range.start));
    forget_dependences(map);
    slab_.destroy(map);
}

void GrantedMaps::depend(GrantedMap& map, std::size_t index, Space& space) {
    MapDependence& dependence = map.dependences[index];
    slab_.keep_other_open(&space);
    dependence = {.map = &map, .space = &space, .next = space.dependents_};
    if (dependence.next != nullptr) {
        slab_.keep_open(*dependence.next->map);
        dependence.next->previous = &dependence;
    }
    space.dependents_ = &dependence;
}

void GrantedMaps::forget_dependences(GrantedMap& map) {
    for (MapDependence& dependence : map.dependences) {
        if (dependence.space == nullptr) continue;
        slab_.keep_other_open(dependence.space);
        if (dependence.next != nullptr) {
            slab_.keep_open(*dependence.next->map);
            dependence.next->previous = dependence.previous;
        }
        if (dependence.previous != nullptr) {
            slab_.keep_open(*dependence.previous->map);
            dependence.previous->next = dependence.next;
        } else {
            dependence.space->dependents_ = dependence.next;
        }
        dependence = {};
    }
}

// ---- which maps end

void GrantedMaps::add(Ending& ending, GrantedMap& map) {
    if (map.state == GrantedMap::State::ending) return;
    slab_.keep_open(map);
    map.state = GrantedMap::State::ending;
    map.next_ending = nullptr;
    if (ending.last != nullptr)
        ending.last->next_ending = &map;
    else
        ending.first = &map;
    ending.last = &map;
    ++ending.count;
}

template <class Wanted> void GrantedMaps::add_dependents(Ending& ending, Space& space, Wanted&& wanted) {
    for (const MapDependence* each = space.dependents_; each != nullptr; each = each->next)
        if (wanted(*each->map)) add(ending, *each->map);
}

void GrantedMaps::add_owned(Ending& ending, Space& owner, AddressRange range) {
    add_dependents(ending, owner,
                   [&](const GrantedMap& map) { return map.owner == &owner && overlap(map.source_range(), range); });
}

void GrantedMaps::add_had(Ending& ending, const Space& grantee, AddressRange range) {
    for (const Region* region = grantee.regions().ending_above(range.start);
         region != nullptr && region->range.start < range.end; region = RegionMap::next(*region))
        if (region->map != nullptr) add(ending, *region->map);
}

// Maps of memory that a grantee has by a map that ends.
void GrantedMaps::add_nested(Ending& ending) {
    for (const GrantedMap* map = ending.first; map != nullptr; map = map->next_ending)
        add_owned(ending, *map->grantee, map->range);
}

// The other maps of the same pages.
void GrantedMaps::add_siblings(Ending& ending) {
    for (const GrantedMap* map = ending.first; map != nullptr; map = map->next_ending) {
        add_owned(ending, *map->owner, map->source_range());
        add_had(ending, *map->owner, map->source_range());
        add_owned(ending, *map->grantee, map->range);
    }
}

// ---- ending

// The frames are not mapped by these any more. How many copies are needed, since others go on mapping them.
std::uint64_t GrantedMaps::withdraw(const Ending& ending) {
    for (const GrantedMap* map = ending.first; map != nullptr; map = map->next_ending)
        map->grantee->table().for_each(map->range.start, map->range.end,
                                       [&](VirtualAddress, PageEntry entry) { frames_.drop_map(entry.address()); });
    std::uint64_t needed = 0;
    for (const GrantedMap* map = ending.first; map != nullptr; map = map->next_ending)
        map->grantee->table().for_each(map->range.start, map->range.end, [&](VirtualAddress, PageEntry entry) {
            if (frames_.maps(entry.address()) > 0) ++needed;
        });
    return needed;
}

void GrantedMaps::reinstate(const Ending& ending) {
    for (const GrantedMap* map = ending.first; map != nullptr; map = map->next_ending)
        map->grantee->table().for_each(map->range.start, map->range.end,
                                       [&](VirtualAddress, PageEntry entry) { frames_.add_map(entry.address()); });
}

Result<std::uint32_t> GrantedMaps::finish(Ending& ending, Shortage shortage) {
    add_nested(ending);
    std::uint64_t needed = withdraw(ending);
    if (needed > 0 && !frames_.promise(needed).has_value()) {
        reinstate(ending);
        if (shortage == Shortage::fails) {
            forget(ending);
            return Status::out_of_memory;
        }
        add_siblings(ending);
        withdraw(ending);
    }
    for (GrantedMap* map = ending.first; map != nullptr;) {
        GrantedMap& ended = *map;
        map = map->next_ending;
        slab_.keep_other_open(ended.grantee);
        slab_.keep_other_open(ended.owner);
        ended.grantee->separate(ended.range);
        ended.owner->protect_common(ended.source_range());
        ended.grantee->keep_as_private(ended.range);
        forget_dependences(ended);
        slab_.destroy(ended);
    }
    return ending.count;
}

void GrantedMaps::forget(const Ending& ending) {
    for (GrantedMap* map = ending.first; map != nullptr; map = map->next_ending)
        map->state = GrantedMap::State::lasting;
}

Result<std::uint32_t> GrantedMaps::end(GrantedMap& map) {
    Ending ending;
    add(ending, map);
    return finish(ending, Shortage::fails);
}

Result<std::uint32_t> GrantedMaps::end_of_grant(Space& grantor, GrantId grant) {
    Ending ending;
    const GrantHop hop{grantor.owner(), grant};
    add_dependents(ending, grantor, [&](const GrantedMap& map) {
        return std::ranges::find(map.hops.begin(), map.hops.begin() + map.hop_count, hop) !=
               map.hops.begin() + map.hop_count;
    });
    return finish(ending, Shortage::fails);
}

Result<std::uint32_t> GrantedMaps::end_of_owner(Space& owner, AddressRange range) {
    Ending ending;
    add_owned(ending, owner, range);
    return finish(ending, Shortage::fails);
}

Completion GrantedMaps::end_in(Space& space, AddressRange range) {
    Ending ending;
    add_owned(ending, space, range);
    add_had(ending, space, range);
    TESSERA_TRY(finish(ending, Shortage::fails));
    return Done{};
}

void GrantedMaps::end_all(Space& space) {
    Ending ending;
    add_dependents(ending, space, [](const GrantedMap&) { return true; });
    add_had(ending, space, everything);
    (void)finish(ending, Shortage::ends_others);
}

} // namespace tessera::vm
