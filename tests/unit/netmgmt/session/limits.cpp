// SPDX-License-Identifier: BSD-3-Clause
// Every limit of docs/protocol.md, met and exceeded by one. After each, the connection still answers.

#include "tests/unit/netmgmt/support/test_server.h"

#include <catch2/catch.hpp>

#include <format>

using namespace tessera::netmgmt;
using namespace tessera::netmgmt::test;

namespace {

struct Fixture {
    TestServer server;
    Peer& peer = server.greeted_peer();

    /// The limit that a line exceeded; "taken" when it was answered with a result.
    std::string exceeded(const std::string& line) {
        const auto reply = peer.ask(line);
        CHECK(peer.alive());
        if (!at(reply, "result").empty() || !at(reply, "0.result").empty()) return "taken";
        CHECK(at(reply, "error.code") == "-31002");
        return at(reply, "error.data.limit");
    }
};

std::string ping_with(std::string_view parameters) {
    return std::format(R"({{"jsonrpc":"2.0","id":1,"method":"system.ping","params":{}}})", parameters);
}

std::string padded_to(std::string line, std::size_t bytes) { return line + std::string(bytes - line.size(), ' '); }

std::string nested(std::size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); }

/// As an unknown member of the parameters: the parser must take it before the method refuses it.
std::string refusal_of(Peer& peer, const std::string& value) {
    const auto reply = peer.ask(ping_with(R"({"x":)" + value + "}"));
    CHECK(peer.alive());
    return at(reply, "error.code") == "-32602" ? at(reply, "error.data.member") : at(reply, "error.data.limit");
}

} // namespace

TEST_CASE_METHOD(Fixture, "limit line_bytes") {
    CHECK(exceeded(padded_to(ping_with("{}"), limits::line_bytes)) == "taken");
    CHECK(exceeded(padded_to(ping_with("{}"), limits::line_bytes + 1)) == R"("line_bytes")");
    CHECK(server.counters.lines_over_long.value == 1);
}

TEST_CASE_METHOD(Fixture, "limit nesting") {
    // The request and its parameters are two levels.
    CHECK(refusal_of(peer, nested(limits::nesting - 2)) == R"("x")");
    CHECK(refusal_of(peer, nested(limits::nesting - 1)) == R"("nesting")");
}

TEST_CASE_METHOD(Fixture, "limit values") {
    // The request, its three scalars, its parameters and the array are six.
    std::string numbers = "[0";
    for (std::size_t value = 7; value < limits::values; ++value) numbers += ",0";
    CHECK(refusal_of(peer, numbers + "]") == R"("x")");
    CHECK(refusal_of(peer, numbers + ",0]") == R"("values")");
}

TEST_CASE_METHOD(Fixture, "limit string_bytes") {
    CHECK(exceeded(ping_with(R"({"payload":")" + std::string(limits::string_bytes, 'x') + "\"}")) == "taken");
    CHECK(exceeded(ping_with(R"({"payload":")" + std::string(limits::string_bytes + 1, 'x') + "\"}")) ==
          R"("string_bytes")");
    const std::string key(limits::string_bytes, 'k');
    CHECK(refusal_of(peer, R"({")" + key + R"(":1})") == R"("x")");
    CHECK(refusal_of(peer, R"({"k)" + key + R"(":1})") == R"("string_bytes")");
}

TEST_CASE_METHOD(Fixture, "limit id_bytes") {
    auto with_id = [](std::size_t bytes) {
        return R"({"jsonrpc":"2.0","method":"system.ping","id":")" + std::string(bytes, 'i') + "\"}";
    };
    CHECK(exceeded(with_id(limits::id_bytes)) == "taken");
    CHECK(exceeded(with_id(limits::id_bytes + 1)) == R"("id_bytes")");
}

TEST_CASE_METHOD(Fixture, "limit batch") {
    auto batch_of = [](std::size_t calls) {
        std::string line = "[" + ping_with("{}");
        for (std::size_t call = 1; call < calls; ++call) line += "," + ping_with("{}");
        return line + "]";
    };
    const auto reply = peer.ask(batch_of(limits::batch));
    CHECK(at(reply, std::to_string(limits::batch - 1) + ".result") == "{}");
    CHECK(exceeded(batch_of(limits::batch + 1)) == R"("batch")");
}

TEST_CASE_METHOD(Fixture, "limit page_items") {
    server.system.processes = 100'000;
    CHECK(at(peer.call("process.list", R"({"limit":1024,"fields":["slot"]})"), "result.items.1023.slot") == "1023");
    CHECK(at(peer.call("process.list", R"({"limit":1025})"), "error.data.member") == R"("limit")");
    CHECK(at(peer.call("process.list", R"({"limit":1})"), "result.items.0.slot") == "0");
    CHECK(at(peer.call("process.list", R"({"limit":0})"), "error.data.member") == R"("limit")");
    CHECK(at(peer.call("process.list"), "result.items.255.slot") == "255");
    CHECK(at(peer.call("process.list"), "result.items.256").empty());
}

TEST_CASE_METHOD(Fixture, "limit reply_bytes: a page is cut to fit") {
    server.system.processes = 1024;
    server.system.log_text_bytes = 2000;
    const auto reply = peer.call("log.read", R"({"limit":1024})");
    CHECK(reply.size() < limits::reply_bytes);
    CHECK(reply.size() > limits::reply_bytes - 3000);
    const auto next = at(reply, "result.next");
    const auto first_left_out = server.system.visited - 1;
    CHECK(at(peer.call("log.read", R"({"limit":1,"cursor":)" + next + "}"), "result.items.0.sequence") ==
          std::format("\"{}\"", first_left_out));
}

TEST_CASE_METHOD(Fixture, "limit reply_bytes: the calls of a batch share it") {
    server.system.processes = 100'000;
    std::string line = "[";
    for (std::size_t id = 0; id < limits::batch; ++id) {
        line += std::format(R"({}{{"jsonrpc":"2.0","id":{},"method":"log.read","params":{{"limit":1024}}}})",
                            id == 0 ? "" : ",", id);
    }
    // Each is answered: with a page, or that there is no room.
    const auto pages = [&](const ParsedJson& replies) {
        std::vector<std::size_t> result;
        for (std::size_t id = 0; id < limits::batch; ++id) {
            CHECK(replies.at(std::format("{}.id", id)) == std::to_string(id));
            const bool page = !replies.at(std::format("{}.result.items.0.sequence", id)).empty();
            const bool no_room = replies.at(std::format("{}.error.data.limit", id)) == R"("reply_bytes")";
            CHECK(page != no_room);
            if (page) result.push_back(id);
        }
        return result;
    };
    SECTION("the first call leaves the others no room for an entry") {
        // What is kept for 63 error replies, even where those are shorter, does not hold another one.
        server.system.log_text_bytes = limits::reply_bytes / 2 - 2000;
        const auto reply = peer.ask(line + "]");
        CHECK(reply.size() < limits::reply_bytes);
        CHECK(pages(ParsedJson(reply)) == std::vector<std::size_t>{0});
    }
    SECTION("what error replies leave of the room kept for them goes to calls behind them") {
        server.system.log_text_bytes = 3000;
        const auto reply = peer.ask(line + "]");
        CHECK(reply.size() < limits::reply_bytes);
        CHECK(reply.size() > limits::reply_bytes - 4000);
        const ParsedJson replies(reply);
        const auto answered = pages(replies);
        CHECK(answered.front() == 0);
        CHECK(answered.size() > 1);
        CHECK(answered.size() < limits::batch);
        CHECK_FALSE(replies.at("0.result.next").empty());
    }
    CHECK(peer.alive());
}

TEST_CASE_METHOD(Fixture, "an error reply of the longest kind stays within what a batch keeps for it") {
    std::string id;
    for (std::size_t byte = 0; byte < limits::id_bytes; ++byte) id += R"(\u0001)";
    std::string name;
    for (std::size_t byte = 0; byte < limits::string_bytes; ++byte) name += R"(\u0001)";
    const auto reply = peer.ask(R"({"jsonrpc":"2.0","id":")" + id +
                                R"(","method":"fault.arm","params":{"target":"ds","model":"kill",)" +
                                R"("trigger":{")" + name + R"(":1}}})");
    CHECK(at(reply, "error.code") == "-32602");
    CHECK(reply.size() > 1000);
    CHECK(reply.size() < limits::error_reply_bytes);
}

TEST_CASE_METHOD(Fixture, "the longest reply to a ping stays within what is kept for it") {
    std::string payload;
    for (std::size_t byte = 0; byte < limits::string_bytes; ++byte) payload += R"(\u0001)";
    const auto reply = peer.ask(ping_with(R"({"payload":")" + payload + "\"}"));
    CHECK(reply.size() > 6 * limits::string_bytes);
    CHECK(reply.size() < limits::ping_reply_bytes);
}

TEST_CASE_METHOD(Fixture, "system.limits shows every limit and what peers hold") {
    const auto reply = peer.call("system.limits");
    CHECK(at(reply, "result.line_bytes") == "65536");
    CHECK(at(reply, "result.reply_bytes") == "262144");
    CHECK(at(reply, "result.connections") == "16");
    CHECK(at(reply, "result.unauthenticated_connections") == "4");
    CHECK(at(reply, "result.requests_in_flight") == "16");
    CHECK(at(reply, "result.connection_bytes") ==
          std::to_string(limits::input_buffer_bytes + limits::output_buffer_bytes));
    CHECK(at(reply, "result.all_connections_bytes") ==
          std::to_string(limits::connections * (limits::input_buffer_bytes + limits::output_buffer_bytes)));
    CHECK(at(reply, "result.connections_open") == "1");
    CHECK(at(reply, "result.lines") == R"("1")");
}
