// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Who shares what with whom, added up from the lists of grants and of maps.

#include "netmgmt/view/grant_view.h"

#include <map>
#include <tuple>

namespace tessera::netmgmt {

struct GrantNode {
    Grantee endpoint;
    std::string name;
};

/// All grants of one kind and source from one process to another.
struct GrantEdge {
    EndpointNumber grantor;
    Grantee grantee;
    GrantKind kind = GrantKind::direct;
    std::optional<EndpointNumber> source;
    std::uint32_t grants = 0;
    ByteCount bytes;
    std::vector<GrantRight> rights; ///< that at least one of them gives
    Counter uses;
};

/// All maps of one process's memory in another.
struct MapEdge {
    EndpointNumber owner;
    EndpointNumber grantee;
    std::uint32_t maps = 0;
    ByteCount bytes;
    std::vector<MapProtection> protection; ///< that at least one of them has
};

struct GrantGraph {
    std::vector<GrantNode> nodes; ///< those that an edge begins or ends at, or has as its source
    std::vector<GrantEdge> grants;
    std::vector<MapEdge> maps;
    std::uint32_t left_out = 0; ///< grants and maps that would have made more edges than there is room for
};

class GrantGraphMaker {
public:
    /// Of grants, and of maps. Memory for peers is fixed, and the graph fits into a reply.
    static constexpr std::size_t edge_limit = 512;

    void add(const GrantEntry& grant);
    void add(const GrantMap& map);
    [[nodiscard]] GrantGraph graph() const;

private:
    using GrantKey = std::tuple<EndpointNumber, Grantee, GrantKind, std::optional<EndpointNumber>>;
    using MapKey = std::pair<EndpointNumber, EndpointNumber>;

    std::map<Grantee, std::string> nodes_;
    std::map<GrantKey, GrantEdge> grants_;
    std::map<MapKey, MapEdge> maps_;
    std::uint32_t left_out_ = 0;
};

} // namespace tessera::netmgmt
