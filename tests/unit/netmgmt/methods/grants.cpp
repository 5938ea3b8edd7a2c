// SPDX-License-Identifier: BSD-3-Clause
// grant.*: what the methods show of grants.

#include "tests/unit/netmgmt/support/test_server.h"

#include <catch2/catch.hpp>
#include <format>

using namespace tessera::netmgmt;
using namespace tessera::netmgmt::test;
using tessera::Endpoint;
using tessera::GrantId;

namespace {

struct Fixture {
    TestServer server;
    Peer& peer = server.greeted_peer();
    FakeGrants& grants = server.system.grants;

    std::string refusal(std::string_view method, std::string_view parameters) {
        const auto reply = peer.call(method, parameters);
        CHECK(at(reply, "error.code") == "-31000");
        return at(reply, "error.data");
    }

    std::string wrong_member(std::string_view method, std::string_view parameters) {
        const auto reply = peer.call(method, parameters);
        CHECK(at(reply, "error.code") == "-32602");
        return at(reply, "error.data.member");
    }
};

constexpr std::string_view direct =
    R"({"address":"0x200000","bytes":"8192","grant":16384,"grantee":4100,"grantee_name":"console","grantor":4102,)"
    R"("grantor_name":"netmgmt","index":0,"kind":"direct","previous":null,"rights":["read","write"],"sequence":1,)"
    R"("soft_faults":"0","source":null,"source_name":"","uses":"5"})";
constexpr std::string_view indirect =
    R"({"address":"0x1000","bytes":"8192","grant":16385,"grantee":4101,"grantee_name":"e1000","grantor":4100,)"
    R"("grantor_name":"console","index":1,"kind":"indirect","previous":16384,"rights":["read"],"sequence":1,)"
    R"("soft_faults":"0","source":4102,"source_name":"netmgmt","uses":"3"})";

} // namespace

TEST_CASE_METHOD(Fixture, "grant.list, of all and of one process") {
    const auto all = peer.call("grant.list");
    CHECK(at(all, "result.items.0") == indirect);
    CHECK(at(all, "result.items.1") == direct);
    CHECK(at(all, "result.items.2.grantee") == R"("any")");
    CHECK(at(all, "result.items.4.index") == "3");
    CHECK(at(all, "result.items.5").empty());
    CHECK(at(peer.call("grant.list", R"({"endpoint":4102})"), "result.items.0") == direct);
    CHECK(at(peer.call("grant.list", R"({"endpoint":4096})"), "result.items") == "[]");
    CHECK(refusal("grant.list", R"({"endpoint":1})") == R"({"errno":"ESRCH","where":"kernel"})");
    CHECK(wrong_member("grant.list", R"({"endpoint":"netmgmt"})") == R"("endpoint")");
}

TEST_CASE_METHOD(Fixture, "grant.list page by page") {
    std::string cursor;
    std::string seen;
    for (int page = 0; page < 5; ++page) {
        const auto reply =
            peer.call("grant.list", std::format(R"({{"limit":1,"fields":["grantor","index"]{}}})", cursor));
        seen += at(reply, "result.items.0");
        cursor = R"(,"cursor":)" + at(reply, "result.next");
    }
    CHECK(seen == R"({"grantor":4100,"index":1}{"grantor":4102,"index":0}{"grantor":4102,"index":1})"
                  R"({"grantor":4102,"index":2}{"grantor":4102,"index":3})");
    CHECK(cursor == R"(,"cursor":null)");
}

TEST_CASE_METHOD(Fixture, "grant.list shows every kind and right") {
    auto& table = grants.tables[Endpoint{3, 1}];
    table[0] = {.kind = tessera::GrantKind::magic,
                .rights = tessera::GrantRights::map | tessera::GrantRights::try_only,
                .sequence = 9,
                .grantee = Endpoint{4, 1},
                .source = Endpoint{7, 1},
                .address = 0x400000,
                .bytes = 16,
                .soft_faults = 2};
    table[1].kind = static_cast<tessera::GrantKind>(77);
    const auto reply = peer.call("grant.list", R"({"endpoint":4099})");
    CHECK(at(reply, "result.items.0") ==
          R"({"address":"0x400000","bytes":"16","grant":147456,"grantee":4100,"grantee_name":"console","grantor":4099,)"
          R"("grantor_name":"pm","index":0,"kind":"magic","previous":null,"rights":["map","try_only"],"sequence":9,)"
          R"("soft_faults":"2","source":4103,"source_name":"process7","uses":"0"})");
    CHECK(at(reply, "result.items.1.kind") == R"("unknown")");
    CHECK(at(reply, "result.items.1.rights") == "[]");
}

TEST_CASE_METHOD(Fixture, "grant.get shows the chain of grants and the memory at its end") {
    const auto reply = peer.call("grant.get", R"({"grantor":4100,"grant":16385})");
    CHECK(at(reply, "result.grantor_name") == R"("console")");
    CHECK(at(reply, "result.kind") == R"("indirect")");
    CHECK(at(reply, "result.chain") == std::format("[{}]", direct));
    CHECK(at(reply, "result.memory") ==
          R"({"address":"0x201000","bytes":"4096","owner":4102,"owner_name":"netmgmt","rights":["read"]})");
    CHECK(at(reply, "result.problem") == "null");
}

TEST_CASE_METHOD(Fixture, "grant.get says why a grant leads nowhere") {
    grants.tables[Endpoint{6, 1}][0].sequence = 2;
    const auto reply = peer.call("grant.get", R"({"grantor":4100,"grant":16385})");
    CHECK(at(reply, "result.problem") == R"("stale")");
    CHECK(at(reply, "result.memory") == "null");
    CHECK(at(reply, "result.chain") == "[]");
    grants.tables.erase(Endpoint{6, 1});
    CHECK(at(peer.call("grant.get", R"({"grantor":4100,"grant":16385})"), "result.problem") == R"("dead_grantor")");
}

TEST_CASE_METHOD(Fixture, "grant.get refuses what is not there, and what is no number") {
    CHECK(refusal("grant.get", R"({"grantor":1,"grant":16385})") == R"({"errno":"ESRCH","where":"kernel"})");
    for (const std::uint32_t grant : {0u, 1u, GrantId(1, 2).value(), GrantId(2, 1).value(), ~0u}) {
        INFO(grant);
        CHECK(refusal("grant.get", std::format(R"({{"grantor":4100,"grant":{}}})", grant)) ==
              R"({"errno":"ENOENT","where":"kernel"})");
    }
    CHECK(wrong_member("grant.get", R"({"grantor":4100})") == R"("grant")");
    CHECK(wrong_member("grant.get", R"({"grant":16385})") == R"("grantor")");
    CHECK(wrong_member("grant.get", R"({"grantor":4100,"grant":-1})") == R"("grant")");
    CHECK(wrong_member("grant.get", R"({"grantor":4100,"grant":4294967296})") == R"("grant")");
    CHECK(wrong_member("grant.get", R"({"grantor":"any","grant":1})") == R"("grantor")");
}
