// SPDX-License-Identifier: BSD-3-Clause
// Many connections: who gets in, whose turn it is, who is closed, and that one slow peer holds up nobody.

#include "tests/unit/netmgmt/support/test_server.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <format>

using namespace tessera::netmgmt;
using namespace tessera::netmgmt::test;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

constexpr const char* list = R"({"jsonrpc":"2.0","id":"list","method":"process.list","params":{"limit":1024}})"
                             "\n";
constexpr const char* ping = R"({"jsonrpc":"2.0","id":"ping","method":"system.ping"})"
                             "\n";
constexpr const char* hello = R"({"jsonrpc":"2.0","id":"hello","method":"system.hello"})"
                              "\n";

std::string repeated(std::string_view text, std::size_t times) {
    std::string result;
    for (std::size_t time = 0; time < times; ++time) result += text;
    return result;
}

/// Not parsed: pages are long.
std::size_t count_id(const std::vector<std::string>& lines, std::string_view id) {
    const auto head = std::format(R"({{"jsonrpc":"2.0","id":"{}",)", id);
    return static_cast<std::size_t>(
        std::ranges::count_if(lines, [&](const auto& line) { return line.starts_with(head); }));
}

} // namespace

TEST_CASE("limit connections: 16 in open mode, the 17th is told and closed") {
    TestServer server;
    std::vector<Peer*> peers;
    for (std::size_t number = 0; number < limits::connections; ++number) peers.push_back(&server.greeted_peer());
    CHECK(server.counters.connections_open == limits::connections);
    Peer& refused = server.connect();
    CHECK(refused.wire.server_closed);
    CHECK(at(refused.wire.from_server, "error.data.limit") == R"("connections")");
    CHECK(server.counters.connections_refused.value == 1);
    for (Peer* peer : peers) CHECK(peer->alive());

    peers.front()->wire.state = StreamState::broken;
    server.run();
    CHECK(server.counters.connections_open == limits::connections - 1);
    CHECK(server.greeted_peer().alive());
}

TEST_CASE("limit unauthenticated_connections: 4 in locked mode") {
    TestServer server(AccessMode::locked);
    for (std::size_t number = 0; number < limits::unauthenticated_connections; ++number)
        CHECK(server.greeted_peer().alive());
    Peer& refused = server.connect();
    CHECK(refused.wire.server_closed);
    CHECK(at(refused.wire.from_server, "error.data.limit") == R"("unauthenticated_connections")");
}

TEST_CASE("limit requests_in_flight: the 17th line stays with the peer until one was answered") {
    TestServer server;
    server.system.processes = 100'000;
    Peer& peer = server.greeted_peer();
    // With nothing read, two pages fill what the server keeps; the others wait.
    peer.wire.window = 0;
    peer.wire.to_server = repeated(list, 40);
    server.run();
    const auto unread = [&] { return peer.wire.to_server.size() / std::string_view(list).size(); };
    CHECK(unread() < 40);
    const auto before = server.counters.lines.value;
    CHECK(before <= 2 + limits::requests_in_flight);
    server.run();
    CHECK(server.counters.lines.value == before);

    peer.wire.window = 1 << 30;
    server.run();
    CHECK(count_id(peer.take_lines(), "list") == 40);
}

TEST_CASE("lines that had no room at first are read and answered without another event") {
    TestServer server;
    Peer& peer = server.greeted_peer();
    std::string longest(hello);
    longest.insert(longest.size() - 1, limits::line_bytes + 1 - longest.size(), ' ');
    CHECK(count_id(lines_of(peer.exchange(repeated(longest, 5))), "hello") == 5);
}

TEST_CASE("a slow reader holds up nobody, and its own memory is bounded") {
    TestServer server;
    server.system.processes = 100'000;
    Peer& slow = server.greeted_peer();
    Peer& quick = server.greeted_peer();
    slow.wire.window = 1000;
    slow.wire.to_server = repeated(list, 1000);
    server.run();
    CHECK(slow.wire.from_server.size() == 1000);
    CHECK(quick.alive());
    CHECK(at(quick.call("process.list"), "result.items.0.slot") == "0");
}

TEST_CASE("a ping overtakes what waits on its connection") {
    TestServer server;
    server.system.processes = 100'000;
    Peer& peer = server.greeted_peer();
    peer.wire.window = 0;
    peer.wire.to_server = repeated(hello, 1) + repeated(list, 5) + ping + hello;
    server.run();
    peer.wire.window = 1 << 30;
    server.run();
    const auto lines = peer.take_lines();
    REQUIRE(lines.size() == 8);
    const auto place = std::ranges::find_if(lines, [](const auto& line) { return at(line, "id") == R"("ping")"; });
    // Everything is read before anything is executed: the ping is the first to be answered.
    CHECK(place == lines.begin());
    CHECK(at(lines[7], "id") == R"("hello")");
    CHECK(count_id(lines, "list") == 5);
}

TEST_CASE("a ping is answered while no page has room") {
    TestServer server;
    server.system.processes = 100'000;
    Peer& peer = server.greeted_peer();
    peer.wire.window = 0;
    peer.exchange(list);
    peer.exchange(repeated(list, 3));
    peer.exchange(ping);
    peer.wire.window = 1 << 30;
    server.run();
    const auto lines = peer.take_lines();
    REQUIRE(lines.size() == 5);
    CHECK(at(lines[1], "id") == R"("ping")");
}

TEST_CASE("more pings than lines may wait are all answered") {
    TestServer server;
    Peer& peer = server.greeted_peer();
    CHECK(lines_of(peer.exchange(repeated(ping, 500))).size() == 500);
    peer.wire.state = StreamState::peer_finished;
    CHECK(lines_of(peer.exchange(repeated(ping, 500))).size() == 500);
    CHECK(peer.wire.server_closed);
}

TEST_CASE("what only looks like a ping does not overtake") {
    TestServer server;
    Peer& peer = server.greeted_peer();
    const auto replies =
        lines_of(peer.exchange(std::string(hello) + R"({"jsonrpc":"2.0","id":"x","method":"system.pings"})" + "\n" +
                               R"([{"jsonrpc":"2.0","id":"batch","method":"system.ping"}])" + "\n" + "system.ping\n"));
    REQUIRE(replies.size() == 4);
    CHECK(at(replies[0], "id") == R"("hello")");
    CHECK(at(replies[1], "error.code") == "-32601");
    CHECK(at(replies[2], "0.id") == R"("batch")");
    CHECK(at(replies[3], "error.code") == "-32700");
}

TEST_CASE("connections take turns, one line each") {
    TestServer server;
    Peer& first = server.greeted_peer();
    Peer& second = server.greeted_peer();
    first.wire.to_server = repeated(hello, 10);
    second.wire.to_server = repeated(hello, 10);
    for (int round = 0; round < 10; ++round) server.sessions.run_once();
    CHECK(first.take_lines().size() == 5);
    CHECK(second.take_lines().size() == 5);
}

TEST_CASE("a peer that finishes gets its replies, then is closed") {
    TestServer server;
    Peer& peer = server.greeted_peer();
    peer.wire.state = StreamState::peer_finished;
    peer.wire.to_server = repeated(hello, 20) + R"({"jsonrpc":"2.0")";
    server.run();
    const auto lines = peer.take_lines();
    REQUIRE(lines.size() == 21);
    CHECK(count_id(lines, "hello") == 20);
    CHECK(at(lines[20], "error.code") == "-32700");
    CHECK(peer.wire.server_closed);
    CHECK(server.counters.connections_open == 0);
}

TEST_CASE("a peer that never sends a line is closed") {
    TestServer server;
    Peer& peer = server.greeted_peer();
    server.clock.time = server.deadlines.first_line;
    server.run();
    CHECK_FALSE(peer.wire.server_closed);
    server.clock.time += milliseconds(1);
    server.run();
    CHECK(peer.wire.server_closed);
    CHECK(at(peer.wire.from_server, "error.data.limit") == R"("first_line")");
    CHECK(server.counters.connections_timed_out.value == 1);
}

TEST_CASE("a peer that falls silent is closed") {
    TestServer server;
    Peer& peer = server.greeted_peer();
    server.clock.time = seconds(50);
    CHECK(peer.alive());
    server.clock.time += server.deadlines.idle;
    server.run();
    CHECK_FALSE(peer.wire.server_closed);
    server.clock.time += milliseconds(1);
    server.run();
    CHECK(peer.wire.server_closed);
    CHECK(at(peer.wire.from_server, "error.data.limit") == R"("idle")");
}

TEST_CASE("a peer that speaks now and then stays") {
    TestServer server;
    Peer& peer = server.greeted_peer();
    for (int turn = 0; turn < 100; ++turn) {
        server.clock.time += seconds(59);
        REQUIRE(peer.alive());
    }
}

TEST_CASE("a line that comes slower than the floor rate closes its peer, a little faster does not") {
    TestServer server;
    Peer& peer = server.greeted_peer();
    CHECK(peer.alive());
    const auto floor = server.deadlines.floor_bytes_per_second;
    SECTION("slower") {
        for (int second = 0; second < 100 && !peer.wire.server_closed; ++second) {
            server.clock.time += seconds(1);
            peer.wire.to_server += std::string(floor / 2, ' ');
            server.run();
        }
        CHECK(peer.wire.server_closed);
        CHECK(at(peer.wire.from_server, "error.data.limit") == R"("floor_rate")");
        CHECK(server.clock.time > server.deadlines.grace);
    }
    SECTION("faster") {
        for (int second = 0; second < 100; ++second) {
            server.clock.time += seconds(1);
            peer.wire.to_server += std::string(floor, ' ');
            server.run();
        }
        CHECK_FALSE(peer.wire.server_closed);
        CHECK(lines_of(peer.exchange(ping)).size() == 1);
        CHECK(peer.alive());
    }
    SECTION("an over-long line, too") {
        peer.exchange(std::string(limits::line_bytes + 1, 'x'));
        for (int minute = 0; minute < 20 && !peer.wire.server_closed; ++minute) {
            server.clock.time += minutes(1);
            peer.exchange("x");
        }
        CHECK(peer.wire.server_closed);
    }
}

TEST_CASE("a peer that does not read its replies is closed") {
    TestServer server;
    Peer& peer = server.greeted_peer();
    CHECK(peer.alive());
    peer.wire.window = 10;
    peer.exchange(hello);
    server.clock.time += server.deadlines.grace;
    server.run();
    CHECK_FALSE(peer.wire.server_closed);
    server.clock.time += seconds(2);
    server.run();
    CHECK(peer.wire.server_closed);
    CHECK(server.counters.connections_timed_out.value == 1);
}

TEST_CASE("the machine stops after the reply was delivered") {
    TestServer server;
    Peer& peer = server.greeted_peer();
    peer.wire.delivered = false;
    SECTION("shutdown") {
        CHECK(at(peer.call("system.shutdown"), "result") == R"({"stopping":true})");
        CHECK_FALSE(server.sessions.due_stop());
        peer.wire.delivered = true;
        server.run();
        CHECK(server.sessions.due_stop() == MachineStop::power_off);
    }
    SECTION("reboot, and the peer never takes the reply") {
        CHECK(at(peer.call("system.reboot"), "result") == R"({"rebooting":true})");
        server.clock.time += server.deadlines.stop + milliseconds(1);
        server.run();
        CHECK(server.sessions.due_stop() == MachineStop::restart);
    }
    SECTION("reboot, and the peer goes away") {
        peer.exchange(R"({"jsonrpc":"2.0","method":"system.reboot"})"
                      "\n");
        peer.wire.state = StreamState::broken;
        server.run();
        CHECK(server.sessions.due_stop() == MachineStop::restart);
    }
    SECTION("a stop that is not allowed") {
        server.system.interfere = []() -> SystemResult<void> {
            return std::unexpected(SystemError{Refusal::refused, "EPERM", "kernel"});
        };
        CHECK(at(peer.call("system.shutdown"), "error.data.errno") == R"("EPERM")");
        peer.wire.delivered = true;
        server.run();
        CHECK_FALSE(server.sessions.due_stop());
    }
}
