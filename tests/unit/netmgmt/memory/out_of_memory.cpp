// SPDX-License-Identifier: BSD-3-Clause
// However little memory there is: a call is answered, and so is the next ping on the same connection.

#include "tests/unit/netmgmt/memory/little_memory.h"
#include "tests/unit/netmgmt/support/test_server.h"

#include <catch2/catch.hpp>

using namespace tessera::netmgmt;
using namespace tessera::netmgmt::test;

namespace {

/// What the wire itself needs is no memory of the server: it is there before memory gets short.
void prepare(Wire& wire) { wire.from_server.reserve(2 * limits::reply_bytes); }

} // namespace

TEST_CASE("however little memory there is, a call is answered and the session lives on") {
    TestServer server;
    server.system.processes = 50;
    Peer& peer = server.greeted_peer();
    std::string wide = R"({"jsonrpc":"2.0","id":1,"method":"system.ping","params":{"x":[)";
    for (int value = 0; value < 3000; ++value) wide += value % 3 == 0 ? "{}," : R"({"k":[1]},)";
    auto lines = example_lines();
    lines.push_back(wide + "0]}}");
    std::size_t out_of_memory = 0;
    for (const auto& line : lines) {
        for (std::size_t bytes = 0; bytes < 300'000; bytes += bytes / 8 + 64) {
            CAPTURE(line.substr(0, 80), bytes);
            prepare(peer.wire);
            peer.wire.to_server = line + "\n";
            {
                const LittleMemory little(bytes);
                server.run();
            }
            const auto replies = peer.take_lines();
            REQUIRE(replies.size() == 1);
            const ParsedJson reply(replies.front());
            out_of_memory += reply.at("error.code") == "-32603" ? 1 : 0;
            REQUIRE_FALSE(reply.at("jsonrpc").empty() == reply.at("0.jsonrpc").empty());
        }
        REQUIRE(peer.alive());
    }
    CHECK(out_of_memory > 100);
}

TEST_CASE("a connection for which there is no memory is told so, and the others live on") {
    TestServer server;
    Peer& peer = server.greeted_peer();
    for (std::size_t bytes = 0; bytes < limits::output_buffer_bytes; bytes += 10'000) {
        CAPTURE(bytes);
        Wire wire;
        prepare(wire);
        auto stream = std::make_unique<WireStream>(wire);
        {
            const LittleMemory little(bytes);
            server.sessions.accept(std::move(stream));
        }
        CHECK(wire.server_closed);
        // Too little even for the words: an internal error without them.
        const auto limit = at(wire.from_server, "error.data.limit");
        CHECK((limit == R"("memory")" || at(wire.from_server, "error.code") == "-32603"));
        CHECK(limit.empty() == (bytes == 0));
        REQUIRE(peer.alive());
    }
    CHECK(server.greeted_peer().alive());
}
