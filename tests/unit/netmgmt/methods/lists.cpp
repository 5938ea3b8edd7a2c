// SPDX-License-Identifier: BSD-3-Clause
// Paging: limits, cursors, fields, and that a long list is never built as a whole.

#include "tests/unit/netmgmt/support/test_server.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <format>

using namespace tessera::netmgmt;
using namespace tessera::netmgmt::test;

namespace {

struct Fixture {
    TestServer server;
    Peer& peer = server.greeted_peer();
};

} // namespace

TEST_CASE_METHOD(Fixture, "a list of 100,000 entries is read page by page, each entry once") {
    server.system.processes = 100'000;
    constexpr std::string_view end = "}}";
    std::uint64_t expected = 0;
    std::string next;
    for (std::size_t pages = 0; next != "null"; ++pages) {
        REQUIRE(pages < 200);
        const auto cursor = next.empty() ? std::string() : std::format(R"("cursor":{},)", next);
        const auto reply = peer.call("process.list", "{" + cursor + R"("limit":1024,"fields":["slot"]})");
        // Compared as text: parsing 100,000 entries takes longer than making them.
        std::string head = R"({"jsonrpc":"2.0","id":1,"result":{"items":[)";
        const std::uint64_t page_end = std::min<std::uint64_t>(expected + 1024, 100'000);
        for (; expected < page_end; ++expected) head += R"({"slot":)" + std::to_string(expected) + "},";
        head.back() = ']';
        head += R"(,"next":)";
        REQUIRE(reply.starts_with(head));
        REQUIRE(reply.ends_with(end));
        next = reply.substr(head.size(), reply.size() - head.size() - end.size());
        REQUIRE_FALSE(next.empty());
    }
    CHECK(expected == 100'000);
    // One more than was shown on each page but the last, to know that there is a next one.
    CHECK(server.system.visited == 100'000 + 100'000 / 1024);
}

TEST_CASE_METHOD(Fixture, "a page of a long list costs as much as the page") {
    server.system.processes = 100'000;
    peer.call("process.list", R"({"limit":10})");
    CHECK(server.system.visited == 11);
}

TEST_CASE_METHOD(Fixture, "the last page says so, also when it is just full") {
    server.system.processes = 8;
    CHECK(at(peer.call("process.list", R"({"limit":7})"), "result.next") == R"("7")");
    CHECK(at(peer.call("process.list", R"({"limit":8})"), "result.next") == "null");
    CHECK(at(peer.call("process.list", R"({"limit":9})"), "result.next") == "null");
    const auto beyond = peer.call("process.list", R"({"cursor":"ffff"})");
    CHECK(at(beyond, "result") == R"({"items":[],"next":null})");
}

TEST_CASE_METHOD(Fixture, "a cursor that no page gave is refused") {
    for (const char* cursor :
         {R"("x")", R"("")", R"("-1")", R"("0x1")", R"(" 1")", R"("10000000000000000")", "1", "null"}) {
        INFO(cursor);
        const auto reply = peer.call("process.list", std::format(R"({{"cursor":{}}})", cursor));
        CHECK(at(reply, "error.code") == "-32602");
        CHECK(at(reply, "error.data.member") == R"("cursor")");
    }
}

TEST_CASE_METHOD(Fixture, "fields choose members, in the order of the table") {
    CHECK(at(peer.call("process.list", R"({"limit":1,"fields":["name","slot"]})"), "result.items") ==
          R"([{"name":"vm","slot":0}])");
    CHECK(peer.call("process.list", R"({"limit":1,"fields":["name","slot"]})").contains(R"({"slot":0,"name":"vm"})"));
    auto reply = peer.call("process.list", R"({"fields":["name","nonsense"]})");
    CHECK(at(reply, "error.data.member") == R"("fields")");
    CHECK(at(reply, "error.message").contains("nonsense"));
    CHECK(at(peer.call("process.list", R"({"fields":[]})"), "error.data.member") == R"("fields")");
    CHECK(at(peer.call("process.list", R"({"fields":"name"})"), "error.data.member") == R"("fields")");
}

TEST_CASE_METHOD(Fixture, "an entry that does not fit into a reply is told, not repeated forever") {
    server.system.processes = 3;
    server.system.log_text_bytes = limits::reply_bytes;
    const auto reply = peer.call("log.read");
    CHECK(at(reply, "error.code") == "-31002");
    CHECK(at(reply, "error.data.limit") == R"("reply_bytes")");
    CHECK(at(peer.call("log.read", R"({"fields":["sequence"]})"), "result.items.2.sequence") == R"("2")");
}
