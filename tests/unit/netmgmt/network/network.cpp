// SPDX-License-Identifier: BSD-3-Clause
// lwIP over a wire of frames, with the sessions on top: addresses, ARP, ICMP, TCP, and frames that make no sense.

#include "tests/unit/netmgmt/network/network_fixture.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <random>

using namespace tessera::netmgmt;
using namespace tessera::netmgmt::test;
using std::chrono::milliseconds;

namespace {

constexpr const char* ping = R"({"jsonrpc":"2.0","id":7,"method":"system.ping"})"
                             "\n";
constexpr const char* pong = R"({"jsonrpc":"2.0","id":7,"result":{}})"
                             "\n";

bool serves(Network& network) {
    TcpClient client(network);
    if (!client.connect()) return false;
    client.receive();
    client.send(ping);
    const bool answered = client.receive() == pong;
    client.reset();
    client.receive();
    return answered;
}

std::size_t echo_replies(Network& network, std::string_view payload) {
    network.send_ipv4(protocol_icmp, icmp_echo(77, payload));
    const auto frames = network.exchange();
    return static_cast<std::size_t>(std::ranges::count_if(frames, [&](const Bytes& frame) {
        const auto message = ipv4_payload(frame, protocol_icmp);
        return message && (*message)[0] == 0 && std::string(message->begin() + 8, message->end()) == payload;
    }));
}

/// Message type of a DHCP message of the client, with its transaction.
struct DhcpRequest {
    std::uint8_t type;
    std::uint32_t transaction;
};

std::optional<DhcpRequest> read_dhcp(View frame) {
    const auto datagram = ipv4_payload(frame, protocol_udp);
    if (!datagram || read_u16(*datagram, 2) != 67) return std::nullopt;
    constexpr std::size_t options = 8 + 240; // after UDP's header and the fixed part (RFC 2131)
    for (std::size_t at = options; at + 2 < datagram->size(); at += 2 + (*datagram)[at + 1]) {
        if ((*datagram)[at] == 53) return DhcpRequest{(*datagram)[at + 2], read_u32(*datagram, 12)};
    }
    return std::nullopt;
}

Bytes dhcp_reply(std::uint8_t type, std::uint32_t transaction, const Address4& address) {
    Builder message;
    message.u8(2).u8(1).u8(6).u8(0).u32(transaction).u16(0).u16(0).zeros(4).bytes(address).bytes(host_address);
    message.zeros(4).bytes(guest_mac).zeros(10 + 64 + 128).u32(0x63825363);
    message.u8(53).u8(1).u8(type).u8(54).u8(4).bytes(host_address).u8(51).u8(4).u32(86400);
    message.u8(1).u8(4).u32(0xffffff00).u8(3).u8(4).bytes(host_address).u8(255);
    const auto datagram = udp(68, 67, message.take());
    constexpr Address4 broadcast{255, 255, 255, 255};
    return ethernet(everybody, host_mac, ethertype_ipv4, ipv4(broadcast, host_address, protocol_udp, datagram));
}

} // namespace

TEST_CASE("an address comes by DHCP") {
    Network network(Addressing::undecided);
    constexpr Address4 offered{10, 0, 2, 99};
    for (int step = 0; step < 40 && !network.interface->has_address(); ++step) {
        network.pass(milliseconds(50));
        while (!network.wire.from_guest.empty()) {
            if (const auto request = read_dhcp(network.wire.from_guest.front())) {
                constexpr std::uint8_t discover = 1, offer = 2, acknowledge = 5;
                const auto type = request->type == discover ? offer : acknowledge;
                network.send(dhcp_reply(type, request->transaction, offered));
            }
            network.wire.from_guest.pop_front();
        }
    }
    CHECK(network.interface->address() == "10.0.2.99");
    network.pass(milliseconds(4000));
    CHECK(network.interface->address() == "10.0.2.99");
}

TEST_CASE("without a DHCP server the fixed address is taken after three seconds") {
    Network network(Addressing::undecided);
    network.pass(milliseconds(3000));
    CHECK_FALSE(network.interface->has_address());
    network.pass(milliseconds(100));
    CHECK(network.interface->address() == "10.0.2.15");
}

TEST_CASE("ARP and ICMP echo are answered") {
    Network network;
    Builder request;
    request.u16(1).u16(ethertype_ipv4).u8(6).u8(4).u16(1);
    request.bytes(host_mac).bytes(host_address).zeros(6).bytes(guest_address);
    network.send(ethernet(everybody, host_mac, ethertype_arp, request.take()));
    const auto frames = network.exchange();
    REQUIRE(frames.size() == 1);
    CHECK(read_u16(frames[0], 12) == ethertype_arp);
    CHECK(read_u16(frames[0], 20) == 2);
    CHECK(std::ranges::equal(View(frames[0]).subspan(22, 6), guest_mac));
    CHECK(echo_replies(network, "abcdefgh") == 1);
}

TEST_CASE("a call over TCP: greeting, ping, close") {
    Network network;
    TcpClient client(network);
    REQUIRE(client.connect());
    CHECK(at(client.receive(), "method") == R"("hello")");
    client.send(ping);
    CHECK(client.receive() == pong);
    client.finish();
    client.receive();
    CHECK(client.peer_finished);
    CHECK_FALSE(client.peer_reset);
    CHECK(network.server.counters.connections_open == 0);
}

TEST_CASE("pages larger than TCP's buffers come whole") {
    Network network;
    network.server.system.processes = 100'000;
    TcpClient client(network);
    REQUIRE(client.connect());
    std::string text = client.receive();
    for (int page = 0; page < 3; ++page) {
        client.send(R"({"jsonrpc":"2.0","id":1,"method":"process.list","params":{"limit":1024}})"
                    "\n");
        std::string reply = client.receive();
        for (int turn = 0; turn < 200 && !reply.ends_with('\n'); ++turn) {
            network.pass(milliseconds(50));
            reply += client.receive();
        }
        REQUIRE(reply.size() > 150'000);
        CHECK(at(lines_of(reply).back(), "result.items.1023.slot") == "1023");
    }
}

TEST_CASE("a peer that takes nothing keeps its window closed and holds up nobody") {
    Network network;
    network.server.system.processes = 100'000;
    TcpClient greedy(network);
    REQUIRE(greedy.connect());
    greedy.receive();
    greedy.window = 0;
    for (int request = 0; request < 100; ++request) {
        greedy.send(R"({"jsonrpc":"2.0","id":1,"method":"process.list","params":{"limit":1024}})"
                    "\n");
    }
    greedy.receive();
    CHECK(serves(network));
}

TEST_CASE("the seventeenth connection is told and closed, and a later one gets in") {
    Network network;
    std::deque<TcpClient> clients;
    for (std::size_t number = 0; number < limits::connections; ++number) {
        CHECK(clients.emplace_back(network).connect());
        clients.back().receive();
    }
    TcpClient refused(network);
    refused.connect();
    refused.receive();
    CHECK(refused.peer_finished);
    CHECK(network.server.counters.connections_refused.value == 1);
    clients.front().reset();
    clients.front().receive();
    CHECK(serves(network));
}

TEST_CASE("a reset ends the session") {
    Network network;
    TcpClient client(network);
    REQUIRE(client.connect());
    client.receive();
    CHECK(network.server.counters.connections_open == 1);
    client.reset();
    client.receive();
    CHECK(network.server.counters.connections_open == 0);
}

TEST_CASE("500 connections one after the other leave it serving") {
    Network network;
    for (int number = 0; number < 500; ++number) REQUIRE(serves(network));
}

TEST_CASE("frames that the driver drops are sent again") {
    Network network;
    TcpClient client(network);
    REQUIRE(client.connect());
    client.receive();
    network.wire.is_full = true;
    client.send(ping);
    CHECK(client.receive().empty());
    network.wire.is_full = false;
    network.pass(milliseconds(5000));
    CHECK(client.receive() == pong);
}

TEST_CASE("a link that goes down and comes back serves again") {
    Network network;
    CHECK(serves(network));
    network.wire.is_up = false;
    network.pass(milliseconds(500));
    network.wire.is_up = true;
    network.pass(milliseconds(5000));
    CHECK(serves(network));
}

TEST_CASE("10,000 random frames leave it serving") {
    Network network;
    std::minstd_rand random(10'000);
    TcpClient client(network);
    REQUIRE(client.connect());
    client.receive();
    const std::array types{ethertype_ipv4, ethertype_arp, ethertype_ipv6, std::uint16_t{0x8100}, std::uint16_t{0x1234}};
    for (int number = 0; number < 10'000; ++number) {
        Bytes payload(random() % 1500);
        for (auto& byte : payload) byte = static_cast<std::uint8_t>(random());
        // Half of them look like packets for us, so that they get past the first check.
        if (random() % 2 == 0 && payload.size() > 20) {
            const std::array protocols{protocol_icmp, protocol_tcp, protocol_udp, std::uint8_t{2}, std::uint8_t{58}};
            payload = ipv4(guest_address, host_address, protocols[random() % protocols.size()],
                           View(payload).subspan(0, payload.size() - 20));
            if (random() % 4 == 0) payload[random() % 20] = static_cast<std::uint8_t>(random());
        }
        network.send(
            ethernet(random() % 2 == 0 ? guest_mac : everybody, host_mac, types[random() % types.size()], payload));
        if (number % 16 == 0) network.pass(milliseconds(50));
        network.wire.from_guest.clear();
    }
    network.run();
    network.wire.from_guest.clear();
    network.pass(milliseconds(5000));
    CHECK(echo_replies(network, "alive") == 1);
    CHECK(serves(network));
}
