// SPDX-License-Identifier: BSD-3-Clause
// Any frames on the wire: afterwards a new TCP connection gets its ping answered. The input is a row of frames, each
// behind two bytes of length; the first byte of a frame tells whether it is raw or made a packet of some protocol for
// the guest first.

#include "tests/unit/netmgmt/network/network_fixture.h"

#include <algorithm>
#include <cstdlib>

using namespace tessera::netmgmt;
using namespace tessera::netmgmt::test;

namespace {

Bytes frame_of(View input) {
    if (input.empty()) return {};
    const auto payload = input.subspan(1);
    switch (input[0] % 5) {
    case 0:
        return Bytes(payload.begin(), payload.end());
    case 1:
        return ethernet(guest_mac, host_mac, ethertype_arp, payload);
    case 2:
        return ethernet(guest_mac, host_mac, ethertype_ipv6, payload);
    case 3:
        return ethernet(guest_mac, host_mac, ethertype_ipv4, ipv4(guest_address, host_address, protocol_tcp, payload));
    default:
        return ethernet(guest_mac, host_mac, ethertype_ipv4, ipv4(guest_address, host_address, protocol_udp, payload));
    }
}

/// The guest's ARP requests get their replies, as from any host: lwIP asks a silent one again only after a second.
void pass(Network& network, std::chrono::milliseconds time) {
    network.pass(time);
    static_cast<void>(network.exchange());
}

bool serves(Network& network) {
    TcpClient client(network);
    if (!client.connect()) return false;
    client.receive();
    client.send("{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"system.ping\"}\n");
    return client.receive() == "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{}}\n";
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Network network;
    View input(data, size);
    while (input.size() > 2) {
        const std::size_t length = std::min<std::size_t>(read_u16(input, 0) % longest_frame, input.size() - 2);
        network.send(frame_of(input.subspan(2, length)));
        input = input.subspan(2 + length);
        pass(network, std::chrono::milliseconds(50));
    }
    pass(network, std::chrono::milliseconds(1000));
    if (!serves(network)) std::abort();
    return 0;
}
