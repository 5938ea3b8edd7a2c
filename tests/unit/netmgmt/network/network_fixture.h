// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// netmgmt's network with its sessions on one side of a wire, and what a test makes of a host on the other.

#include "netmgmt/network/network_interface.h"
#include "netmgmt/network/tcp_listener.h"
#include "tests/unit/netmgmt/network/frames.h"
#include "tests/unit/netmgmt/network/host_platform.h"
#include "tests/unit/netmgmt/support/test_server.h"

#include <deque>

namespace tessera::netmgmt::test {

inline constexpr Mac guest_mac{0x52, 0x54, 0x00, 0x12, 0x34, 0x56};
inline constexpr Mac host_mac{0x52, 0x55, 0x0a, 0x00, 0x02, 0x02};
inline constexpr Mac everybody{0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
inline constexpr Address4 guest_address{10, 0, 2, 15};
inline constexpr Address4 host_address{10, 0, 2, 2};

class FrameQueues final : public EthernetPort {
public:
    std::deque<Bytes> to_guest;
    std::deque<Bytes> from_guest;
    bool is_up = true;
    bool is_full = false; ///< drops what the guest sends

    MacAddress mac_address() const override { return guest_mac; }
    bool link_up() const override { return is_up; }
    std::size_t receive(std::span<std::uint8_t, longest_frame> frame) override;
    FrameSent send(std::span<const std::uint8_t> frame) override;
};

enum class Addressing : std::uint8_t { undecided, fixed };

class Network {
public:
    /// With `fixed`, the time for DHCP is over already.
    explicit Network(Addressing addressing = Addressing::fixed);
    ~Network();
    Network(const Network&) = delete;
    Network& operator=(const Network&) = delete;

    /// Lets the guest work until it has nothing to do.
    void run();
    /// The same every 50 ms of this time.
    void pass(std::chrono::milliseconds time);

    void send(Bytes frame) { wire.to_guest.push_back(std::move(frame)); }
    void send_ipv4(std::uint8_t protocol, View payload);
    /// Runs the guest, answers its ARP requests, and gives the other frames it sent.
    std::vector<Bytes> exchange();

    TestServer server;
    FrameQueues wire;
    const std::uint16_t port;
    std::unique_ptr<NetworkInterface> interface;
    std::unique_ptr<TcpListener> listener;

private:
    std::unique_ptr<Sessions> sessions_;
};

/// One TCP connection of the host, without loss and with a window that does not end.
class TcpClient {
public:
    explicit TcpClient(Network& network);

    bool connect();
    void send(std::string_view text);
    void finish();
    void reset();
    /// What came since the last time, after the guest has done all it can.
    std::string receive();

    std::uint16_t window = 65535;
    bool peer_finished = false;
    bool peer_reset = false;

private:
    void segment(std::uint8_t flags, std::string_view text = {});
    void take(const TcpSegment& segment);

    Network& network_;
    std::uint16_t port_;
    std::uint32_t sequence_ = 1000;
    std::uint32_t expected_ = 0;
    bool connected_ = false;
    std::string received_;
};

} // namespace tessera::netmgmt::test
