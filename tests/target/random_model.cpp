// SPDX-License-Identifier: BSD-3-Clause
#include "tests/target/random_model.h"
#include <algorithm>

namespace tessera::target::random {

bool MapRecord::goes_by(GrantHop hop) const { return std::ranges::contains(hops, hop); }
bool MapRecord::goes_by(Endpoint grantor) const { return std::ranges::contains(hops, grantor, &GrantHop::grantor); }

// ---- processes

void Model::begin(Player player, Endpoint endpoint) {
    endpoints_[index_of(player)] = endpoint;
    for (Page& page : pages_[index_of(player)]) page = Page{};
}

void Model::fork(Player parent, Player child, Endpoint endpoint) {
    endpoints_[index_of(child)] = endpoint;
    for (std::size_t i = 0; i < pages_of_each; ++i) {
        const Page& source = page(parent, i);
        pages_[index_of(child)][i] = {std::make_shared<Cell>(*source.cell), source.protection};
    }
}

void Model::die(Player player) {
    const Endpoint dead = endpoint(player);
    end_maps([&](const MapRecord& map) { return map.grantee == player || map.owner == player || map.goes_by(dead); });
    std::erase_if(grants_, [&](const GrantTerms& grant) { return grant.id.grantor == dead; });
    endpoints_[index_of(player)] = {};
}

std::optional<Player> Model::player_at(Endpoint endpoint) const {
    const auto found = std::ranges::find(endpoints_, endpoint);
    if (endpoint == endpoints::none || found == endpoints_.end()) return std::nullopt;
    return players[static_cast<std::size_t>(found - endpoints_.begin())];
}

// New memory, mapped over what was there.
void Model::renew(Player player, PageRange range) {
    end_maps([&](const MapRecord& map) { return map.is_had(player, range) || map.is_lent(player, range); });
    for (std::uint64_t i = range.first; i < range.end(); ++i) pages_[index_of(player)][i] = Page{};
}

// ---- grants

const GrantTerms* Model::find(GrantHop id) const {
    const auto found = std::ranges::find(grants_, id, &GrantTerms::id);
    return found == grants_.end() ? nullptr : &*found;
}

void Model::drop(GrantHop id) {
    std::erase_if(grants_, [&](const GrantTerms& grant) { return grant.id == id; });
    (void)revoke(id);
}

Result<Route> Model::resolve(Endpoint grantee, GrantHop hop, GrantRights rights, PageRange pages) const {
    Route route;
    while (route.hops.size() <= indirect_hop_limit) {
        const auto grantor = player_at(hop.grantor);
        if (!grantor) return Status::dead_endpoint;
        const GrantTerms* const grant = find(hop);
        if (grant == nullptr || (grant->grantee != grantee && grant->grantee != endpoints::any) ||
            !includes(grant->rights, rights) || pages.end() > grant->pages.count)
            return Status::not_permitted;
        route.hops.push_back(hop);
        pages.first += grant->pages.first;
        if (grant->kind != GrantKind::indirect) {
            route.owner = TESSERA_TRY(owner_of(*grant, *grantor));
            route.first = pages.first;
            return route;
        }
        grantee = hop.grantor;
        hop = grant->previous;
    }
    return Status::loop;
}

Result<Player> Model::owner_of(const GrantTerms& grant, Player grantor) const {
    if (grant.kind == GrantKind::direct) return grantor;
    if (grantor != magician) return Status::not_permitted;
    const auto owner = player_at(grant.process);
    if (!owner) return Status::dead_endpoint;
    return *owner;
}

std::size_t Model::length(const GrantTerms& grant) const {
    std::size_t length = 0;
    for (const GrantTerms* each = &grant; each != nullptr && each->kind == GrantKind::indirect;
         each = find(each->previous))
        ++length;
    return length;
}

Status Model::use(const GrantTerms& grant, GrantRights rights) const {
    if (grant.grantee != endpoints::any && !player_at(grant.grantee)) return Status::dead_endpoint;
    return resolve(grant.grantee, grant.id, rights, {0, grant.pages.count}).status();
}

// ---- maps

template <class Wanted> void Model::take(std::vector<MapRecord>& ending, Wanted&& wanted) {
    const auto rest = std::ranges::stable_partition(maps_, [&](const MapRecord& map) { return !wanted(map); });
    ending.insert(ending.end(), rest.begin(), rest.end());
    maps_.erase(rest.begin(), rest.end());
}

// And those of memory that was had by one of them and lent further. The contents stay, each for itself.
template <class Wanted> std::size_t Model::end_maps(Wanted&& wanted) {
    std::vector<MapRecord> ending;
    take(ending, wanted);
    for (std::size_t i = 0; i < ending.size(); ++i) {
        const Player grantee = ending[i].grantee;
        const PageRange lost = ending[i].to;
        take(ending, [&](const MapRecord& map) { return map.is_lent(grantee, lost); });
    }
    for (const MapRecord& map : ending)
        for (std::uint64_t i = map.to.first; i < map.to.end(); ++i) {
            Page& page = pages_[index_of(map.grantee)][i];
            page.cell = std::make_shared<Cell>(*page.cell);
        }
    return ending.size();
}

Status Model::check_source(const Route& route, const MapRequest& request) const {
    if (route.owner == request.grantee) return Status::access_denied;
    for (std::uint64_t i = 0; i < request.pages.count; ++i)
        if (!includes(page(route.owner, route.first + i).protection, request.protection)) return Status::access_denied;
    return Status::ok;
}

Status Model::safemap(const MapRequest& request) {
    const auto route =
        resolve(endpoint(request.grantee), request.grant, rights_to_map(request.protection), request.pages);
    if (!route.has_value()) return route.error();
    if (const Status status = check_source(*route, request); status != Status::ok) return status;
    const PageRange to{request.to, request.pages.count};
    end_maps([&](const MapRecord& map) { return map.is_had(request.grantee, to) || map.is_lent(request.grantee, to); });
    for (std::uint64_t i = 0; i < to.count; ++i)
        pages_[index_of(request.grantee)][to.first + i] = {page(route->owner, route->first + i).cell,
                                                           request.protection};
    maps_.push_back({.grantee = request.grantee,
                     .owner = route->owner,
                     .to = to,
                     .from = route->first,
                     .protection = request.protection,
                     .hops = route->hops});
    return Status::ok;
}

Status Model::safeunmap(Player grantee, std::uint64_t page) {
    const auto is_it = [&](const MapRecord& map) { return map.grantee == grantee && map.to.first == page; };
    if (!std::ranges::any_of(maps_, is_it)) return Status::bad_address;
    end_maps(is_it);
    return Status::ok;
}

std::size_t Model::revoke(GrantHop grant) {
    return end_maps([&](const MapRecord& map) { return map.goes_by(grant); });
}

std::size_t Model::revoke_range(Player owner, PageRange range) {
    return end_maps([&](const MapRecord& map) { return map.is_lent(owner, range); });
}

} // namespace tessera::target::random
