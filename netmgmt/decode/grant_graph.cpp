// SPDX-License-Identifier: BSD-3-Clause
#include "netmgmt/decode/grant_graph.h"

#include <algorithm>
#include <limits>

namespace tessera::netmgmt {

namespace {

/// Grantors write what they like into their tables: the most there is instead of an overflow.
template <class Tag> void add_up(Quantity<Tag>& sum, Quantity<Tag> more) {
    if (__builtin_add_overflow(sum.value, more.value, &sum.value))
        sum.value = std::numeric_limits<std::uint64_t>::max();
}

/// Both are in the order of the enumeration, without doubles.
template <class Element> void unite(std::vector<Element>& all, const std::vector<Element>& more) {
    std::vector<Element> united;
    std::ranges::set_union(all, more, std::back_inserter(united));
    all = std::move(united);
}

/// The edge with this key, a new one if there is room; null when there is not.
template <class Key, class Edge, std::size_t limit>
Edge* edge_of(std::map<Key, Edge>& edges, const Key& key, const Edge& empty) {
    const auto found = edges.find(key);
    if (found != edges.end()) return &found->second;
    if (edges.size() == limit) return nullptr;
    return &edges.emplace(key, empty).first->second;
}

template <class Edge, class Key> std::vector<Edge> values_of(const std::map<Key, Edge>& edges) {
    std::vector<Edge> values;
    for (const auto& [key, edge] : edges) values.push_back(edge);
    return values;
}

} // namespace

void GrantGraphMaker::add(const GrantEntry& grant) {
    GrantEdge* edge = edge_of<GrantKey, GrantEdge, edge_limit>(
        grants_, {grant.grantor, grant.grantee, grant.kind, grant.source},
        {grant.grantor, grant.grantee, grant.kind, grant.source, 0, {}, {}, {}});
    if (edge == nullptr) {
        ++left_out_;
        return;
    }
    ++edge->grants;
    add_up(edge->bytes, grant.bytes);
    add_up(edge->uses, grant.uses);
    unite(edge->rights, grant.rights);
    nodes_.try_emplace(grant.grantor, grant.grantor_name);
    nodes_.try_emplace(grant.grantee, grant.grantee_name);
    if (grant.source) nodes_.try_emplace(*grant.source, grant.source_name);
}

void GrantGraphMaker::add(const GrantMap& map) {
    MapEdge* edge =
        edge_of<MapKey, MapEdge, edge_limit>(maps_, {map.owner, map.grantee}, {map.owner, map.grantee, 0, {}, {}});
    if (edge == nullptr) {
        ++left_out_;
        return;
    }
    ++edge->maps;
    add_up(edge->bytes, map.bytes);
    unite(edge->protection, map.protection);
    nodes_.try_emplace(map.owner, map.owner_name);
    nodes_.try_emplace(map.grantee, map.grantee_name);
}

GrantGraph GrantGraphMaker::graph() const {
    GrantGraph graph{.nodes = {}, .grants = values_of(grants_), .maps = values_of(maps_), .left_out = left_out_};
    for (const auto& [endpoint, name] : nodes_) graph.nodes.push_back({endpoint, name});
    return graph;
}

} // namespace tessera::netmgmt
