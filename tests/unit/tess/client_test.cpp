// SPDX-License-Identifier: BSD-3-Clause
// The client against servers that follow the protocol, and against those that do not.
#include "tests/unit/tess/fake_server.h"
#include "tools/tess-cli/client/client.h"
#include "tools/tess-cli/client/interrupts.h"
#include "tools/tess-cli/client/reconnect.h"
#include "tools/tess-cli/client/tcp_connector.h"

#include <catch2/catch.hpp>

#include <format>

using namespace tessera::tess;
using namespace std::chrono_literals;

namespace {

const Interrupts no_interrupts;

Instant within(Duration duration) { return std::chrono::steady_clock::now() + duration; }

Result<std::unique_ptr<Channel>> connect_to(const FakeServer& server, Duration patience = 5s) {
    return TcpConnector{{"127.0.0.1", server.port()}, no_interrupts}.connect(within(patience));
}

/// A server that greets, reads one request and sends `reply`.
FakeServer replying(std::string reply) {
    return FakeServer{[reply](Peer& peer, unsigned) {
        peer.greet();
        if (peer.receive_line().empty()) return;
        peer.send(reply);
        peer.wait_for_close();
    }};
}

/// The failure of one call to a server that sends `reply`.
Failure failure_after(const std::string& reply) {
    const auto server = replying(reply);
    const auto channel = connect_to(server);
    REQUIRE(channel);
    const auto result = (*channel)->call("system.ping", Json::object(), within(5s));
    REQUIRE(!result);
    return result.error();
}

} // namespace

TEST_CASE("the greeting is read and kept") {
    const FakeServer server{[](Peer& peer, unsigned) {
        peer.greet();
        peer.wait_for_close();
    }};
    const auto channel = connect_to(server);
    REQUIRE(channel);
    CHECK((*channel)->hello().version == "0.1.0");
    CHECK((*channel)->hello().protocol == 1);
    CHECK((*channel)->hello().mode == "open");
    CHECK((*channel)->hello().features == std::vector<std::string>{"faults"});
    CHECK(check_protocol((*channel)->hello()));
}

TEST_CASE("a first line that is no greeting is refused") {
    for (const std::string line : {"SSH-2.0-OpenSSH_9.2\n", "{}\n", "[]\n", "\n", "null\n",
                                   R"({"method":"hello","params":[]})"
                                   "\n",
                                   R"({"method":"hello","params":{"product":"Other","protocol":1}})"
                                   "\n",
                                   R"({"jsonrpc":"2.0","id":1,"result":{"product":"Tessera"}})"
                                   "\n"}) {
        INFO(line);
        const FakeServer server{[line](Peer& peer, unsigned) {
            peer.send(line);
            peer.wait_for_close();
        }};
        const auto channel = connect_to(server);
        REQUIRE(!channel);
        CHECK(channel.error().exit_code == ExitCode::no_connection);
        CHECK(channel.error().message.contains("does not speak Tessera's protocol"));
    }
}

TEST_CASE("another protocol version is told") {
    const auto hello = parse_hello(R"({"method":"hello","params":{"product":"Tessera","protocol":2}})");
    REQUIRE(hello);
    const auto understood = check_protocol(*hello);
    REQUIRE(!understood);
    CHECK(understood.error().message.contains("version 2"));
}

TEST_CASE("a server that accepts and says nothing ends in a timeout") {
    const FakeServer server{[](Peer& peer, unsigned) { peer.wait_for_close(); }};
    const auto channel = connect_to(server, 50ms);
    REQUIRE(!channel);
    CHECK(channel.error().exit_code == ExitCode::timeout);
    CHECK(channel.error().message.contains("no greeting"));
}

TEST_CASE("a server that closes at once is no connection") {
    const FakeServer server{[](Peer&, unsigned) {}};
    const auto channel = connect_to(server);
    REQUIRE(!channel);
    CHECK(channel.error().exit_code == ExitCode::no_connection);
}

TEST_CASE("nothing listening is no connection") {
    const auto channel = TcpConnector{{"127.0.0.1", unused_port()}, no_interrupts}.connect(within(5s));
    REQUIRE(!channel);
    CHECK(channel.error().exit_code == ExitCode::no_connection);
    CHECK(channel.error().message.contains("Connection refused"));
    CHECK(channel.error().advice.contains("tools/run"));
}

TEST_CASE("a name that does not exist is no connection") {
    const auto channel = TcpConnector{{"name.invalid", 1}, no_interrupts}.connect(within(5s));
    REQUIRE(!channel);
    CHECK(channel.error().exit_code == ExitCode::no_connection);
}

TEST_CASE("requests carry their method, parameters and growing ids") {
    std::vector<std::string> lines;
    {
        const FakeServer server{[&lines](Peer& peer, unsigned) {
            peer.greet();
            for (unsigned id = 1; id <= 2; ++id) {
                lines.push_back(peer.receive_line());
                peer.send(result_line(id, std::format("{}", id * 10)));
            }
            peer.wait_for_close();
        }};
        const auto channel = connect_to(server);
        REQUIRE(channel);
        CHECK((*channel)->call("a.b", {{"k", "v\n"}}, within(5s)).value() == 10);
        CHECK((*channel)->call("c", Json::array({1}), within(5s)).value() == 20);
    }
    REQUIRE(lines.size() == 2);
    CHECK(lines[0] == R"({"jsonrpc":"2.0","id":1,"method":"a.b","params":{"k":"v\n"}})");
    CHECK(lines[1] == R"({"jsonrpc":"2.0","id":2,"method":"c","params":[1]})");
}

TEST_CASE("notifications between request and answer are passed over") {
    const auto server = replying(R"({"jsonrpc":"2.0","method":"event","params":{}})"
                                 "\n" +
                                 result_line(1, "true"));
    const auto channel = connect_to(server);
    REQUIRE(channel);
    CHECK((*channel)->call("x", Json::object(), within(5s)).value() == true);
}

TEST_CASE("an answer that comes too late is not taken for the next one") {
    const FakeServer server{[](Peer& peer, unsigned) {
        peer.greet();
        if (peer.receive_line().empty() || peer.receive_line().empty()) return;
        peer.send(result_line(1, "\"late\"") + result_line(2, "\"right\""));
        peer.wait_for_close();
    }};
    const auto channel = connect_to(server);
    REQUIRE(channel);
    const auto first = (*channel)->call("slow", Json::object(), within(50ms));
    REQUIRE(!first);
    CHECK(first.error().exit_code == ExitCode::timeout);
    CHECK((*channel)->call("quick", Json::object(), within(5s)).value() == "right");
}

TEST_CASE("malformed answers are refused") {
    for (const char* reply : {"not json\n",
                              "[]\n",
                              "17\n",
                              "{}\n",
                              "\n",
                              R"({"jsonrpc":"2.0","id":2,"result":1})"
                              "\n", // an id of the future
                              R"({"jsonrpc":"2.0","id":0,"result":1})"
                              "\n", // an id never used
                              R"({"jsonrpc":"2.0","id":"1","result":1})"
                              "\n", // an id of another type
                              R"({"jsonrpc":"2.0","id":1.0,"result":1})"
                              "\n",
                              R"({"jsonrpc":"2.0","id":-1,"result":1})"
                              "\n",
                              R"({"jsonrpc":"2.0","id":null,"result":1})"
                              "\n",
                              R"({"jsonrpc":"2.0","result":1})"
                              "\n", // no id at all
                              R"({"jsonrpc":"1.0","id":1,"result":1})"
                              "\n",
                              R"({"id":1,"result":1})"
                              "\n",
                              R"({"jsonrpc":"2.0","id":1})"
                              "\n", // neither result nor error
                              R"({"jsonrpc":"2.0","id":1,"result":1,"error":{"code":1}})"
                              "\n", // both
                              R"({"jsonrpc":"2.0","id":1,"error":null})"
                              "\n",
                              R"({"jsonrpc":"2.0","id":1,"error":{"message":"no code"}})"
                              "\n",
                              R"({"jsonrpc":"2.0","id":1,"error":{"code":"1"}})"
                              "\n",
                              "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"\xff\"}\n"}) {
        INFO(reply);
        const Failure failure = failure_after(reply);
        CHECK(failure.exit_code == ExitCode::no_connection);
        CHECK(failure.message.contains("does not speak Tessera's protocol"));
    }
}

TEST_CASE("answers that are too deep or too long are refused") {
    const auto deep =
        R"({"jsonrpc":"2.0","id":1,"result":)" + std::string(100'000, '[') + std::string(100'000, ']') + "}\n";
    CHECK(failure_after(deep).message.contains("nested deeper"));
    CHECK(failure_after(std::string(line_limit + 1, ' ') + "\n").message.contains("longer than"));
}

TEST_CASE("an answer of a mebibyte is taken") {
    const std::string shell = R"({"jsonrpc":"2.0","id":1,"result":""})";
    const std::string payload(line_limit - shell.size(), 'a');
    const auto server = replying(R"({"jsonrpc":"2.0","id":1,"result":")" + payload + "\"}\n");
    const auto channel = connect_to(server);
    REQUIRE(channel);
    CHECK((*channel)->call("x", Json::object(), within(20s)).value() == payload);
}

TEST_CASE("a server that closes in the middle of an answer is a lost connection") {
    const FakeServer server{[](Peer& peer, unsigned) {
        peer.greet();
        if (!peer.receive_line().empty()) peer.send(R"({"jsonrpc":"2.0","id":1,"res)");
    }};
    const auto channel = connect_to(server);
    REQUIRE(channel);
    const auto result = (*channel)->call("x", Json::object(), within(5s));
    REQUIRE(!result);
    CHECK(result.error().exit_code == ExitCode::no_connection);
}

TEST_CASE("a server that floods with notifications cannot hold a call beyond its deadline") {
    const FakeServer server{[](Peer& peer, unsigned) {
        peer.greet();
        if (peer.receive_line().empty()) return;
        for (int count = 0; count < 20'000; ++count) peer.send("{\"method\":\"noise\"}\n");
        peer.wait_for_close();
    }};
    const auto channel = connect_to(server);
    REQUIRE(channel);
    const auto result = (*channel)->call("x", Json::object(), within(100ms));
    REQUIRE(!result);
    CHECK(result.error().exit_code == ExitCode::timeout);
}

TEST_CASE("errors of the system become failures with code and advice") {
    const auto refusal = failure_after(R"({"jsonrpc":"2.0","id":1,"error":{"code":-31000,"message":"no such key",)"
                                       R"("data":{"errno":"ESRCH","where":"ds"}}})"
                                       "\n");
    CHECK(refusal.exit_code == ExitCode::refused);
    CHECK(refusal.code == -31000);
    CHECK(refusal.message == "system.ping: no such key (code -31000, ESRCH, where ds)");
    CHECK(refusal.errno_name == "ESRCH");
    CHECK(!refusal.advice.empty());
    CHECK(!worth_reconnecting(refusal));

    const auto forbidden = failure_after(R"({"jsonrpc":"2.0","id":1,"error":{"code":-31001,"message":"locked"}})"
                                         "\n");
    CHECK(forbidden.exit_code == ExitCode::not_allowed);

    const auto unavailable = failure_after(R"({"jsonrpc":"2.0","id":1,"error":{"code":-31003,"message":"wait"}})"
                                           "\n");
    CHECK(unavailable.exit_code == ExitCode::refused);
    CHECK(worth_reconnecting(unavailable));

    const auto parameters =
        failure_after(R"({"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"bad","data":{"member":"key"}}})"
                      "\n");
    CHECK(parameters.message.contains("member key"));

    const auto unreadable = failure_after(R"({"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"?"}})"
                                          "\n");
    CHECK(unreadable.code == -32700);

    const auto bare = failure_after(R"({"jsonrpc":"2.0","id":1,"error":{"code":5,"message":7,"data":[]}})"
                                    "\n");
    CHECK(bare.message == "system.ping: refused (code 5)");
}

TEST_CASE("a request that no system would take is not sent") {
    const FakeServer server{[](Peer& peer, unsigned) {
        peer.greet();
        peer.wait_for_close();
    }};
    const auto channel = connect_to(server);
    REQUIRE(channel);
    const auto result = (*channel)->call("x", {{"k", std::string(request_limit, 'a')}}, within(5s));
    REQUIRE(!result);
    CHECK(result.error().exit_code == ExitCode::usage);
}

TEST_CASE("reconnecting goes on until a system greets") {
    const FakeServer server{[](Peer& peer, unsigned number) {
        if (number == 0) return;                       // closes at once
        if (number == 1) return peer.wait_for_close(); // hangs, as a port forwarder does
        peer.greet();
        peer.wait_for_close();
    }};
    TcpConnector connector{{"127.0.0.1", server.port()}, no_interrupts};
    SystemClock clock{no_interrupts};
    CHECK(connect_until(connector, clock, within(10s)));
}

TEST_CASE("reconnecting ends at its deadline") {
    TcpConnector connector{{"127.0.0.1", unused_port()}, no_interrupts};
    SystemClock clock{no_interrupts};
    const auto start = clock.now();
    const auto channel = connect_until(connector, clock, start + 100ms);
    REQUIRE(!channel);
    CHECK(channel.error().exit_code == ExitCode::no_connection);
    CHECK(clock.now() - start < 5s);
}

TEST_CASE("addresses are written as people write them") {
    CHECK(to_text({"127.0.0.1", 7420}) == "127.0.0.1:7420");
    CHECK(to_text({"::1", 7420}) == "[::1]:7420");
}
