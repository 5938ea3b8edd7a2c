// SPDX-License-Identifier: BSD-3-Clause
// JSON-RPC 2.0 as a peer sees it: ids, versions, notifications, batches.

#include "tests/unit/netmgmt/support/test_server.h"

#include <catch2/catch.hpp>

using namespace tessera::netmgmt;
using namespace tessera::netmgmt::test;

namespace {

struct Fixture {
    TestServer server;
    Peer& peer = server.greeted_peer();
};

constexpr const char* ping = R"({"jsonrpc":"2.0","id":7,"method":"system.ping"})";
constexpr const char* pong = R"({"jsonrpc":"2.0","id":7,"result":{}})";

} // namespace

TEST_CASE("the server greets first") {
    TestServer server;
    CHECK(server.connect().wire.from_server ==
          R"({"jsonrpc":"2.0","method":"hello","params":{"product":"Tessera","version":"0.1.0","protocol":1,)"
          R"("build":"test","mode":"open","features":["batch","fields","paging"]}})"
          "\n");
}

TEST_CASE_METHOD(Fixture, "a call is answered with its id") {
    CHECK(peer.ask(ping) == pong);
    CHECK(at(peer.ask(R"({"jsonrpc":"2.0","id":"a\"\u00e9","method":"system.ping"})"), "id") == R"("a\"é")");
    CHECK(at(peer.ask(R"({"jsonrpc":"2.0","id":-9223372036854775808,"method":"system.ping"})"), "id") ==
          "-9223372036854775808");
    CHECK(at(peer.ask(R"({"jsonrpc":"2.0","id":18446744073709551615,"method":"system.ping"})"), "id") ==
          "18446744073709551615");
    CHECK(peer.ask(R"({"jsonrpc":"2.0","id":null,"method":"system.ping"})") ==
          R"({"jsonrpc":"2.0","id":null,"result":{}})");
}

TEST_CASE_METHOD(Fixture, "CR LF ends a line as LF does") {
    CHECK(peer.exchange(std::string(ping) + "\r\n") == std::string(pong) + "\n");
}

TEST_CASE_METHOD(Fixture, "what is no request is answered with -32600 and names the member") {
    auto refused = [&](std::string_view line) {
        const auto reply = peer.ask(line);
        CHECK(at(reply, "error.code") == "-32600");
        return at(reply, "id") + " " + at(reply, "error.data.member");
    };
    CHECK(refused("1") == "null ");
    CHECK(refused("\"system.ping\"") == "null ");
    CHECK(refused("{}") == R"(null "jsonrpc")");
    CHECK(refused(R"({"jsonrpc":"1.0","id":1,"method":"system.ping"})") == R"(1 "jsonrpc")");
    CHECK(refused(R"({"jsonrpc":2.0,"id":1,"method":"system.ping"})") == R"(1 "jsonrpc")");
    CHECK(refused(R"({"jsonrpc":"2.0","id":1})") == R"(1 "method")");
    CHECK(refused(R"({"jsonrpc":"2.0","id":1,"method":5})") == R"(1 "method")");
    CHECK(refused(R"({"jsonrpc":"2.0","id":1,"method":"system.ping","params":null})") == R"(1 "params")");
    CHECK(refused(R"({"jsonrpc":"2.0","id":1,"method":"system.ping","params":"x"})") == R"(1 "params")");
    CHECK(refused(R"({"jsonrpc":"2.0","id":1,"method":"system.ping","extra":1})") == R"(1 "extra")");
    CHECK(refused(R"({"jsonrpc":"2.0","id":1.5,"method":"system.ping"})") == R"(null "id")");
    CHECK(refused(R"({"jsonrpc":"2.0","id":true,"method":"system.ping"})") == R"(null "id")");
    CHECK(refused(R"({"jsonrpc":"2.0","id":[1],"method":"system.ping"})") == R"(null "id")");
    CHECK(refused(R"({"jsonrpc":"2.0","id":{},"method":"system.ping"})") == R"(null "id")");
    CHECK(refused(R"({"jsonrpc":"2.0","method":"system.ping","params":1})") == R"(null "params")");
    CHECK(peer.alive());
}

TEST_CASE_METHOD(Fixture, "what is no JSON is answered with -32700 and says where") {
    const auto reply = peer.ask(R"({"jsonrpc":"2.0","id":1,)");
    CHECK(at(reply, "error.code") == "-32700");
    CHECK(at(reply, "id") == "null");
    CHECK(at(reply, "error.data.byte") == "25");
    CHECK(at(peer.ask(""), "error.code") == "-32700");
    CHECK(at(peer.ask("GET / HTTP/1.1"), "error.code") == "-32700");
    CHECK(at(peer.ask(std::string(ping) + "x"), "error.code") == "-32700");
    CHECK(peer.alive());
}

TEST_CASE_METHOD(Fixture, "an unknown method is answered with -32601") {
    const auto reply = peer.call("system.pin");
    CHECK(at(reply, "error.code") == "-32601");
    CHECK(at(reply, "id") == "1");
    CHECK(at(peer.call("rpc"), "error.code") == "-32601");
    CHECK(at(peer.call(""), "error.code") == "-32601");
}

TEST_CASE_METHOD(Fixture, "parameters go by name") {
    CHECK(at(peer.call("system.ping", R"(["x"])"), "error.code") == "-32602");
    CHECK(at(peer.call("system.ping", "[]"), "error.data.member") == R"("params")");
    CHECK(at(peer.call("system.ping", R"({"payload":1})"), "error.data.member") == R"("payload")");
    CHECK(at(peer.call("system.ping", R"({"pay":"x"})"), "error.data.member") == R"("pay")");
    CHECK(at(peer.call("process.get"), "error.data.member") == R"("endpoint")");
}

TEST_CASE_METHOD(Fixture, "a notification is executed and not answered") {
    CHECK(peer.exchange(R"({"jsonrpc":"2.0","method":"system.ping"})"
                        "\n")
              .empty());
    CHECK(peer.exchange(R"({"jsonrpc":"2.0","method":"no.such"})"
                        "\n")
              .empty());
    CHECK(peer.exchange(R"({"jsonrpc":"2.0","method":"ds.publish","params":{"key":"k","type":"u32","value":1}})"
                        "\n")
              .empty());
    CHECK(at(peer.call("ds.get", R"({"key":"k"})"), "result.value") == "1");
}

TEST_CASE_METHOD(Fixture, "a batch is answered in one line and in order") {
    const auto reply = peer.ask(R"([{"jsonrpc":"2.0","id":1,"method":"system.ping","params":{"payload":"a"}},)"
                                R"({"jsonrpc":"2.0","method":"system.ping"},)"
                                R"({"jsonrpc":"2.0","id":2,"method":"no.such"},5,[],)"
                                R"({"jsonrpc":"2.0","id":3,"method":"system.ping"}])");
    CHECK(at(reply, "0") == R"({"id":1,"jsonrpc":"2.0","result":{"payload":"a"}})");
    CHECK(at(reply, "1.error.code") == "-32601");
    CHECK(at(reply, "1.id") == "2");
    CHECK(at(reply, "2.error.code") == "-32600");
    CHECK(at(reply, "3.error.code") == "-32600");
    CHECK(at(reply, "4.id") == "3");
    CHECK(at(reply, "5").empty());
}

TEST_CASE_METHOD(Fixture, "a batch of notifications is not answered, an empty one is") {
    CHECK(peer.exchange(R"([{"jsonrpc":"2.0","method":"system.ping"},{"jsonrpc":"2.0","method":"system.ping"}])"
                        "\n")
              .empty());
    CHECK(at(peer.ask("[]"), "error.code") == "-32600");
}

TEST_CASE_METHOD(Fixture, "a batch may begin and end with notifications") {
    CHECK(peer.ask(R"([{"jsonrpc":"2.0","method":"system.ping"},)" + std::string(ping) +
                   R"(,{"jsonrpc":"2.0","method":"system.ping"}])") == "[" + std::string(pong) + "]");
}

TEST_CASE_METHOD(Fixture, "lines sent at once are answered in order") {
    std::string lines;
    for (int id = 0; id < 200; ++id) {
        lines += R"({"jsonrpc":"2.0","id":)" + std::to_string(id) + R"(,"method":"system.hello"})" + "\n";
    }
    auto replies = lines_of(peer.exchange(lines));
    REQUIRE(replies.size() == 200);
    for (int id = 0; id < 200; ++id) CHECK(at(replies[static_cast<std::size_t>(id)], "id") == std::to_string(id));
}

TEST_CASE_METHOD(Fixture, "a defect in a method is answered with -32603 and the session lives on") {
    server.system.interfere = []() -> SystemResult<void> { throw std::runtime_error("defect"); };
    const auto reply = peer.call("vm.stats");
    CHECK(at(reply, "error.code") == "-32603");
    CHECK(at(reply, "id") == "1");
    const auto batch = peer.ask("[" + std::string(ping) + R"(,{"jsonrpc":"2.0","id":2,"method":"process.list"}])");
    CHECK(at(batch, "0.id") == "7");
    CHECK(at(batch, "1.error.code") == "-32603");
    CHECK(peer.alive());
}

TEST_CASE_METHOD(Fixture, "refusals of the system keep their errno and place") {
    server.system.interfere = []() -> SystemResult<void> {
        return std::unexpected(SystemError{Refusal::refused, "EPERM", "vm"});
    };
    auto reply = peer.call("vm.stats");
    CHECK(at(reply, "error.code") == "-31000");
    CHECK(at(reply, "error.data") == R"({"errno":"EPERM","where":"vm"})");
    server.system.interfere = []() -> SystemResult<void> {
        return std::unexpected(SystemError{Refusal::unavailable, "EDEADSRCDST", "vm"});
    };
    reply = peer.call("vm.stats");
    CHECK(at(reply, "error.code") == "-31003");
    CHECK(at(reply, "error.data.where") == R"("vm")");
}

TEST_CASE("in locked mode only the methods without a role answer") {
    TestServer server(AccessMode::locked);
    Peer& peer = server.greeted_peer();
    CHECK(peer.alive());
    CHECK(at(peer.call("system.hello"), "result.mode") == R"("locked")");
    CHECK(at(peer.call("rpc.discover"), "result.openrpc") == R"("1.2.6")");
    const auto reply = peer.call("process.list");
    CHECK(at(reply, "error.code") == "-31001");
    CHECK(at(reply, "error.data.role") == R"("observe")");
    CHECK(at(peer.call("system.shutdown"), "error.data.role") == R"("operate")");
    CHECK(at(peer.call("fault.arm"), "error.data.role") == R"("inject")");
    CHECK_FALSE(server.system.stopped);
}
