// SPDX-License-Identifier: BSD-3-Clause
// grant.*: what the methods show of grants.

#include "servers/protocols/vm.h"
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

TEST_CASE_METHOD(Fixture, "grant.maps shows both ends of a map and the grants between them") {
    const auto reply = peer.call("grant.maps");
    CHECK(at(reply, "result.items.0") ==
          R"({"address":"0x1000000000","bytes":"4096","grant":16385,"grantee":4101,"grantee_name":"e1000",)"
          R"("grantor":4100,"grantor_name":"console","hops":[{"grant":16385,"grantor":4100,"grantor_name":"console"},)"
          R"({"grant":16384,"grantor":4102,"grantor_name":"netmgmt"}],"owner":4102,"owner_name":"netmgmt",)"
          R"("protection":["read"],"source":"0x201000"})");
    CHECK(at(reply, "result.items.1").empty());
    CHECK(at(peer.call("grant.maps", R"({"endpoint":4101})"), "result.items.0") == at(reply, "result.items.0"));
    CHECK(at(peer.call("grant.maps", R"({"endpoint":4102})"), "result.items") == "[]");
    CHECK(refusal("grant.maps", R"({"endpoint":1})") == R"({"errno":"ESRCH","where":"kernel"})");
    CHECK(wrong_member("grant.maps", R"({"endpoint":-1})") == R"("endpoint")");
}

TEST_CASE_METHOD(Fixture, "grant.maps page by page, through several processes") {
    auto map_at = [&](Endpoint process, std::uint64_t address) {
        FakeMap map = grants.mapped[Endpoint{5, 1}].front();
        map.map.address = {address};
        grants.mapped[process].push_back(map);
    };
    map_at({5, 1}, 0x10'0000'2000);
    map_at({2, 1}, 0x10'0000'0000);
    map_at({7, 1}, 0x400000);
    std::string cursor;
    std::string seen;
    for (int page = 0; page < 4; ++page) {
        const auto reply =
            peer.call("grant.maps", std::format(R"({{"limit":1,"fields":["grantee","address"]{}}})", cursor));
        seen += at(reply, "result.items.0");
        cursor = R"(,"cursor":)" + at(reply, "result.next");
    }
    CHECK(seen == R"({"address":"0x1000000000","grantee":4098}{"address":"0x1000000000","grantee":4101})"
                  R"({"address":"0x1000002000","grantee":4101}{"address":"0x400000","grantee":4103})");
    CHECK(cursor == R"(,"cursor":null)");
}

TEST_CASE_METHOD(Fixture, "grant.maps when VM knows less than it said, or refuses") {
    auto& map = grants.mapped[Endpoint{5, 1}].front();
    map.hops.pop_back();
    map.map.protection = tessera::protocol::vm::Protection::read | tessera::protocol::vm::Protection::write;
    const auto reply = peer.call("grant.maps");
    CHECK(at(reply, "result.items.0.hops.0.grant") == "16385");
    CHECK(at(reply, "result.items.0.hops.1").empty());
    CHECK(at(reply, "result.items.0.protection") == R"(["read","write"])");
    grants.vm_status = tessera::Status::no_such; // a process without an address space
    CHECK(at(peer.call("grant.maps"), "result.items.0.grantee") == "4101");
    grants.vm_status = tessera::Status::not_permitted;
    CHECK(refusal("grant.maps", "{}") == R"({"errno":"EPERM","where":"vm"})");
    CHECK(refusal("grant.graph", "{}") == R"({"errno":"EPERM","where":"vm"})");
}

TEST_CASE_METHOD(Fixture, "grant.graph adds grants and maps up") {
    const auto reply = peer.call("grant.graph");
    CHECK(at(reply, "result.nodes") == R"([{"endpoint":"any","name":"any"},{"endpoint":4100,"name":"console"},)"
                                       R"({"endpoint":4101,"name":"e1000"},{"endpoint":4102,"name":"netmgmt"}])");
    CHECK(at(reply, "result.grants") ==
          R"([{"bytes":"8192","grantee":4101,"grantor":4100,"grants":1,"kind":"indirect","rights":["read"],)"
          R"("source":4102,"uses":"3"},{"bytes":"16384","grantee":"any","grantor":4102,"grants":2,"kind":"direct",)"
          R"("rights":["read","write"],"source":null,"uses":"10"},{"bytes":"8192","grantee":4100,"grantor":4102,)"
          R"("grants":1,"kind":"direct","rights":["read","write"],"source":null,"uses":"5"},{"bytes":"8192",)"
          R"("grantee":4101,"grantor":4102,"grants":1,"kind":"direct","rights":["read","write"],"source":null,)"
          R"("uses":"5"}])");
    CHECK(at(reply, "result.maps") ==
          R"([{"bytes":"4096","grantee":4101,"maps":1,"owner":4102,"protection":["read"]}])");
    CHECK(at(reply, "result.left_out") == "0");
    CHECK(wrong_member("grant.graph", R"({"endpoint":4102})") == R"("endpoint")");
}

TEST_CASE_METHOD(Fixture, "grant.graph fits into a reply, however many grants there are") {
    for (std::uint32_t index = 0; index < 2000; ++index) {
        auto& entry = grants.tables[Endpoint{6, 1}][index];
        entry.kind = tessera::GrantKind::magic;
        entry.rights = static_cast<tessera::GrantRights>(15);
        entry.grantee = Endpoint{100 + index, 0xfffff};
        entry.source = Endpoint{101, 0xfffff};
        entry.bytes = entry.uses = ~std::uint64_t{0};
    }
    const auto reply = peer.call("grant.graph");
    CHECK(at(reply, "result.grants.511.rights") == R"(["read","write","map","try_only"])");
    CHECK(at(reply, "result.grants.512").empty());
    CHECK(at(reply, "result.left_out") == "1489");
    CHECK(reply.size() < limits::reply_bytes / 2);
}
