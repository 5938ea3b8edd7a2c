// SPDX-License-Identifier: BSD-3-Clause
#include "tests/unit/netmgmt/network/network_fixture.h"

#include <algorithm>
#include <lwip/init.h>
#include <lwip/timeouts.h>

namespace tessera::netmgmt::test {
namespace {

/// lwIP keeps closed connections for minutes, and then refuses to listen on their port.
std::uint16_t next_port() {
    static std::uint16_t port = 7420;
    return port++;
}

std::uint16_t next_client_port() {
    static std::uint16_t port = 40000;
    return port++;
}

Bytes arp_reply() {
    Builder reply;
    reply.u16(1).u16(ethertype_ipv4).u8(6).u8(4).u16(2);
    reply.bytes(host_mac).bytes(host_address).bytes(guest_mac).bytes(guest_address);
    return ethernet(guest_mac, host_mac, ethertype_arp, reply.take());
}

bool asks_for_host(View frame) {
    constexpr std::size_t operation = 14 + 6, target = 14 + 24; // RFC 826
    const bool request = read_u16(frame, 12) == ethertype_arp && read_u16(frame, operation) == 1;
    return request && std::ranges::equal(frame.subspan(target, 4), host_address);
}

} // namespace

std::size_t FrameQueues::receive(std::span<std::uint8_t, longest_frame> frame) {
    if (to_guest.empty()) return 0;
    const std::size_t length = std::min(to_guest.front().size(), frame.size());
    std::copy_n(to_guest.front().begin(), length, frame.begin());
    to_guest.pop_front();
    return length;
}

FrameSent FrameQueues::send(std::span<const std::uint8_t> frame) {
    if (is_full) return FrameSent::dropped;
    from_guest.emplace_back(frame.begin(), frame.end());
    return FrameSent::sent;
}

Network::Network(Addressing addressing) : port(next_port()) {
    use_clock_for_lwip(server.clock);
    static const bool initialised = [] {
        lwip_init();
        return true;
    }();
    static_cast<void>(initialised);
    interface = std::make_unique<NetworkInterface>(wire, server.clock);
    listener = std::make_unique<TcpListener>();
    if (!listener->listen(port)) throw std::runtime_error("cannot listen");
    const SessionServices services{server.executor, server.clock, server.deadlines, server.counters};
    sessions_ = std::make_unique<Sessions>(services, server.identity);
    if (addressing == Addressing::undecided) return;
    pass(std::chrono::milliseconds(3500));
    wire.from_guest.clear();
}

Network::~Network() {
    sessions_.reset();
    listener.reset();
    interface.reset();
}

void Network::run() {
    for (bool more = true; more;) {
        more = interface->poll();
        sys_check_timeouts();
        while (auto stream = listener->take()) sessions_->accept(std::move(stream));
        more |= sessions_->run_once() == Progress::more;
    }
    interface->maintain();
}

void Network::pass(std::chrono::milliseconds time) {
    constexpr std::chrono::milliseconds step(50);
    for (; time > std::chrono::milliseconds(0); time -= step) {
        server.clock.time += step;
        run();
    }
}

void Network::send_ipv4(std::uint8_t protocol, View payload) {
    send(ethernet(guest_mac, host_mac, ethertype_ipv4, ipv4(guest_address, host_address, protocol, payload)));
}

std::vector<Bytes> Network::exchange() {
    std::vector<Bytes> frames;
    run();
    while (!wire.from_guest.empty()) {
        Bytes frame = std::move(wire.from_guest.front());
        wire.from_guest.pop_front();
        if (asks_for_host(frame)) {
            send(arp_reply());
            run();
        } else {
            frames.push_back(std::move(frame));
        }
    }
    return frames;
}

TcpClient::TcpClient(Network& network) : network_(network), port_(next_client_port()) {}

void TcpClient::segment(std::uint8_t flags, std::string_view text) {
    const TcpSegment segment{network_.port, port_, sequence_, expected_, flags, window, std::string(text)};
    network_.send_ipv4(protocol_tcp, tcp(segment, guest_address, host_address));
    sequence_ += static_cast<std::uint32_t>(text.size());
}

bool TcpClient::connect() {
    segment(tcp_syn);
    ++sequence_;
    received_ = receive(); // the greeting may be there at once
    return connected_;
}

void TcpClient::send(std::string_view text) {
    constexpr std::size_t most = 1460;
    for (; !text.empty(); text.remove_prefix(std::min(most, text.size()))) {
        segment(tcp_ack | tcp_push, text.substr(0, most));
    }
}

void TcpClient::finish() {
    segment(tcp_ack | tcp_fin);
    ++sequence_;
}

void TcpClient::reset() { segment(tcp_reset | tcp_ack); }

std::string TcpClient::receive() {
    for (auto frames = network_.exchange(); !frames.empty(); frames = network_.exchange()) {
        for (const auto& frame : frames) {
            if (auto segment = read_tcp(frame); segment && segment->to_port == port_) take(*segment);
        }
    }
    return std::exchange(received_, {});
}

void TcpClient::take(const TcpSegment& arrived) {
    if ((arrived.flags & tcp_reset) != 0) {
        peer_reset = true;
        return;
    }
    if ((arrived.flags & tcp_syn) != 0) {
        expected_ = arrived.sequence + 1;
        connected_ = true;
        return segment(tcp_ack);
    }
    if (arrived.sequence != expected_) return;
    received_ += arrived.data;
    expected_ += static_cast<std::uint32_t>(arrived.data.size());
    const bool finished = (arrived.flags & tcp_fin) != 0;
    if (finished) ++expected_;
    peer_finished |= finished;
    if (finished || !arrived.data.empty()) segment(tcp_ack);
}

} // namespace tessera::netmgmt::test
