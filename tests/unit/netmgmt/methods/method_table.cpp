// SPDX-License-Identifier: BSD-3-Clause
// The tables, whatever is in them: names, texts, examples, and that every method does what its schema says.

#include "netmgmt/methods/method_table.h"

#include "netmgmt/json/strict_parser.h"
#include "netmgmt/session/rpc_request.h"
#include "tests/unit/netmgmt/support/schema_check.h"
#include "tests/unit/netmgmt/support/test_server.h"

#include <catch2/catch.hpp>

#include <format>
#include <set>

using namespace tessera::netmgmt;
using namespace tessera::netmgmt::test;

namespace {

std::vector<Method> methods() {
    std::vector<Method> result;
    for (auto table : all_methods()) result.insert(result.end(), table.begin(), table.end());
    return result;
}

std::expected<ReceivedDocument, ParseError> parsed(std::string_view text) {
    return parse_strictly(text, {limits::nesting, limits::reply_bytes, limits::reply_bytes});
}

} // namespace

TEST_CASE("every method of the contract is there") {
    std::set<std::string_view> names;
    for (const auto& method : methods()) names.insert(method.text.name);
    CHECK(names.size() == methods().size());
    for (const char* name :
         {"rpc.discover",  "system.hello", "system.ping",     "system.info",     "system.uptime",   "system.limits",
          "system.reboot", "process.list", "process.get",     "vm.stats",        "vm.process",      "vm.regions",
          "ds.list",       "ds.get",       "ds.publish",      "ds.delete",       "grant.list",      "service.list",
          "fault.models",  "fault.arm",    "service.restart", "kernel.counters", "system.shutdown", "log.read",
          "fault.list",    "fault.disarm", "kernel.calls",    "kernel.messages", "trace.start",     "trace.stop",
          "trace.read",    "vm.check",     "vm.slabs",        "vm.shares",       "vm.share_runs",   "vm.free",
          "grant.get",     "grant.maps",   "grant.graph",     "ds.read",         "ds.snapshot"}) {
        INFO(name);
        CHECK(names.contains(name));
        CHECK(find_method(all_methods(), name)->text.name == name);
    }
    CHECK(find_method(all_methods(), "ds") == nullptr);
    CHECK(find_method(all_methods(), "ds.list.") == nullptr);
}

TEST_CASE("every method is described") {
    for (const auto& method : methods()) {
        INFO(method.text.name);
        CHECK_FALSE(method.text.summary.empty());
        // Whatever changes something needs more than the role that reads.
        const bool may_change = method.text.role == Role::operate || method.text.role == Role::inject;
        if (method.text.effect == Effect::changes_state) CHECK(may_change);
        // What only reads is for everybody, unless it holds up the system.
        if (may_change && method.text.name != "vm.check") CHECK(method.text.effect == Effect::changes_state);
        for (const auto& error : method.text.errors) {
            CHECK(error.code == ErrorCode::refused);
            CHECK(error.name.starts_with("E"));
            CHECK_FALSE(error.when.empty());
        }
        CHECK((method.text.errors.empty() || !method.text.asks.empty()));
    }
}

TEST_CASE("every example conforms to its schemas") {
    for (const auto& method : methods()) {
        INFO(method.text.name);
        auto parameters = parsed(method.text.example.parameters);
        auto result = parsed(method.text.example.result);
        REQUIRE(parameters);
        REQUIRE(result);
        CHECK(violation(*method.parameters, parameters->root()) == "");
        CHECK(violation(*method.result, result->root()) == "");
    }
}

TEST_CASE("every method answers its example with what its schema says") {
    for (const auto& method : methods()) {
        INFO(method.text.name);
        TestServer server;
        Peer& peer = server.greeted_peer();
        peer.call("fault.arm", R"({"target":"ds","model":"kill"})");
        peer.call("ds.publish", R"({"key":"demo.answer","type":"u32","value":41,"overwrite":true})");
        std::string parameters(method.text.example.parameters);
        // The example of ds.publish makes an entry that is already there.
        if (method.text.name == "ds.publish") peer.call("ds.delete", R"({"key":"demo.answer"})");
        if (method.text.name == "fault.disarm") parameters = R"({"fault":0})";
        const auto reply = peer.call(method.text.name, parameters);
        INFO(reply);
        auto document = parsed(reply);
        REQUIRE(document);
        REQUIRE(document->root().find("result"));
        CHECK(violation(*method.result, *document->root().find("result")) == "");
        CHECK(peer.alive());
    }
}

TEST_CASE("every method refuses a member that it does not know, and names it") {
    TestServer server;
    Peer& peer = server.greeted_peer();
    for (const auto& method : methods()) {
        INFO(method.text.name);
        const auto reply = peer.call(method.text.name, R"({"no_such_member":1})");
        CHECK(at(reply, "error.code") == "-32602");
        CHECK(at(reply, "error.data.member") == R"("no_such_member")");
    }
    CHECK_FALSE(server.system.stopped);
}

TEST_CASE("every method names a required member that is missing") {
    TestServer server;
    Peer& peer = server.greeted_peer();
    for (const auto& method : methods()) {
        INFO(method.text.name);
        auto required = std::ranges::find(method.parameters->members, Presence::required, &SchemaMember::presence);
        if (required == method.parameters->members.end()) continue;
        const auto reply = peer.call(method.text.name);
        CHECK(at(reply, "error.code") == "-32602");
        CHECK(at(reply, "error.data.member") == std::format("\"{}\"", required->name));
    }
}

TEST_CASE("every method that asks a server says when that is not there") {
    TestServer server;
    server.system.interfere = []() -> SystemResult<void> {
        return std::unexpected(SystemError{Refusal::unavailable, "EDEADSRCDST", "server"});
    };
    Peer& peer = server.greeted_peer();
    for (const auto& method : methods()) {
        INFO(method.text.name);
        const auto reply = peer.call(method.text.name, method.text.example.parameters);
        const bool may_lack = method.text.name == "vm.regions" || method.text.name == "grant.list";
        if (method.text.asks.empty() || may_lack) continue;
        CHECK(at(reply, "error.code") == "-31003");
    }
}

TEST_CASE("rpc.discover gives an OpenRPC document with every method") {
    TestServer server;
    Peer& peer = server.greeted_peer();
    const auto reply = peer.call("rpc.discover");
    CHECK(reply.size() < limits::reply_bytes / 2);
    const ParsedJson document(reply);
    CHECK(document.at("result.openrpc") == R"("1.2.6")");
    CHECK(document.at("result.info.title") == R"("Tessera management")");
    CHECK(document.at("result.info.version") == R"("1")");
    std::size_t index = 0;
    for (const auto& method : methods()) {
        INFO(method.text.name);
        const auto path = std::format("result.methods.{}.", index++);
        auto member = [&](std::string_view name) { return document.at(path + std::string(name)); };
        CHECK(member("name") == std::format("\"{}\"", method.text.name));
        CHECK(member("paramStructure") == R"("by-name")");
        CHECK_FALSE(member("summary").empty());
        CHECK_FALSE(member("x-role").empty());
        CHECK(member("x-changes-state") == (method.text.effect == Effect::changes_state ? "true" : "false"));
        CHECK(member("x-experimental") == "false");
        CHECK(member("result.name") == R"("result")");
        CHECK(member("result.schema.type") == R"("object")");
        CHECK(member("examples.0.result.value") == parsed(method.text.example.result)->root().json());
        std::size_t number = 0;
        for (const auto& parameter : method.parameters->members) {
            const auto descriptor = std::format("params.{}.", number++);
            CHECK(member(descriptor + "name") == std::format("\"{}\"", parameter.name));
            CHECK(member(descriptor + "required") == (parameter.presence == Presence::required ? "true" : "false"));
            CHECK_FALSE(member(descriptor + "schema").empty());
        }
        CHECK(member(std::format("params.{}", number)).empty());
        for (std::size_t error = 0; error < method.text.errors.size(); ++error) {
            const auto text = member("errors");
            CHECK(text.contains(std::format("\"{}\"", method.text.errors[error].name)));
        }
    }
    CHECK(document.at(std::format("result.methods.{}", index)).empty());
}
