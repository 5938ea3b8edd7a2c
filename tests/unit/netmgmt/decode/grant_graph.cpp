// SPDX-License-Identifier: BSD-3-Clause
#include "netmgmt/decode/grant_graph.h"

#include <catch2/catch.hpp>

using namespace tessera::netmgmt;

namespace {

GrantEntry grant(std::uint32_t grantor, std::uint32_t grantee, std::uint64_t bytes, std::vector<GrantRight> rights) {
    GrantEntry entry;
    entry.grantor = {grantor};
    entry.grantor_name = std::to_string(grantor);
    entry.grantee = EndpointNumber{grantee};
    entry.grantee_name = std::to_string(grantee);
    entry.bytes = {bytes};
    entry.rights = std::move(rights);
    entry.uses = {2};
    return entry;
}

GrantMap map(std::uint32_t owner, std::uint32_t grantee, std::uint64_t bytes, std::vector<MapProtection> protection) {
    return {.grantee = {grantee},
            .grantee_name = std::to_string(grantee),
            .address = {},
            .bytes = {bytes},
            .protection = std::move(protection),
            .owner = {owner},
            .owner_name = std::to_string(owner),
            .source = {},
            .grantor = {99},
            .grantor_name = "on the way",
            .hops = {}};
}

std::vector<std::string> names(const GrantGraph& graph) {
    std::vector<std::string> names;
    for (const auto& node : graph.nodes) names.push_back(node.name);
    return names;
}

} // namespace

TEST_CASE("nothing makes an empty graph") {
    const GrantGraph graph = GrantGraphMaker().graph();
    CHECK(graph.nodes.empty());
    CHECK(graph.grants.empty());
    CHECK(graph.maps.empty());
}

TEST_CASE("grants from one process to another are one edge for each kind and source") {
    GrantGraphMaker maker;
    maker.add(grant(1, 2, 100, {GrantRight::write}));
    maker.add(grant(1, 2, 50, {GrantRight::read, GrantRight::write}));
    maker.add(grant(2, 1, 7, {}));
    GrantEntry magic = grant(1, 2, 8, {GrantRight::read});
    magic.kind = GrantKind::magic;
    magic.source = EndpointNumber{3};
    magic.source_name = "3";
    maker.add(magic);
    magic.source = EndpointNumber{4};
    magic.source_name = "4";
    maker.add(magic);
    const GrantGraph graph = maker.graph();
    CHECK(names(graph) == std::vector<std::string>{"1", "2", "3", "4"});
    REQUIRE(graph.grants.size() == 4);
    CHECK(graph.grants[0].grants == 2);
    CHECK(graph.grants[0].bytes == ByteCount{150});
    CHECK(graph.grants[0].uses == Counter{4});
    CHECK(graph.grants[0].rights == std::vector{GrantRight::read, GrantRight::write});
    CHECK(graph.grants[1].source == EndpointNumber{3});
    CHECK(graph.grants[2].source == EndpointNumber{4});
    CHECK(graph.grants[3].grantor == EndpointNumber{2});
}

TEST_CASE("maps of one process's memory in another are one edge, whoever granted them") {
    GrantGraphMaker maker;
    maker.add(map(1, 2, 4096, {MapProtection::read}));
    maker.add(map(1, 2, 8192, {MapProtection::read, MapProtection::write}));
    const GrantGraph graph = maker.graph();
    CHECK(names(graph) == std::vector<std::string>{"1", "2"});
    REQUIRE(graph.maps.size() == 1);
    CHECK(graph.maps[0].maps == 2);
    CHECK(graph.maps[0].bytes == ByteCount{12288});
    CHECK(graph.maps[0].protection == std::vector{MapProtection::read, MapProtection::write});
}

TEST_CASE("sums that nobody can have do not overflow") {
    GrantGraphMaker maker;
    maker.add(grant(1, 2, ~std::uint64_t{0}, {}));
    maker.add(grant(1, 2, 5, {}));
    CHECK(maker.graph().grants[0].bytes == ByteCount{~std::uint64_t{0}});
}

TEST_CASE("edges for which there is no room are counted, and those that are there go on to grow") {
    GrantGraphMaker maker;
    constexpr auto limit = static_cast<std::uint32_t>(GrantGraphMaker::edge_limit);
    for (std::uint32_t number = 1; number <= limit + 3; ++number) maker.add(grant(5000, number, 1, {}));
    maker.add(grant(5000, 1, 1, {}));
    for (std::uint32_t number = 1; number <= limit + 2; ++number) maker.add(map(5000, number, 4096, {}));
    const GrantGraph graph = maker.graph();
    CHECK(graph.grants.size() == limit);
    CHECK(graph.maps.size() == limit);
    CHECK(graph.grants[0].grants == 2);
    CHECK(graph.left_out == 5);
    CHECK(graph.nodes.size() == limit + 1);
}
