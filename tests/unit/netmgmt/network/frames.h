// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Ethernet, ARP, IPv4, ICMP, UDP and TCP as bytes: enough to be the other end of netmgmt's network.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tessera::netmgmt::test {

using Bytes = std::vector<std::uint8_t>;
using View = std::span<const std::uint8_t>;
using Mac = std::array<std::uint8_t, 6>;
using Address4 = std::array<std::uint8_t, 4>;

inline constexpr std::uint16_t ethertype_ipv4 = 0x0800;
inline constexpr std::uint16_t ethertype_arp = 0x0806;
inline constexpr std::uint16_t ethertype_ipv6 = 0x86dd;
inline constexpr std::uint8_t protocol_icmp = 1;
inline constexpr std::uint8_t protocol_tcp = 6;
inline constexpr std::uint8_t protocol_udp = 17;

inline constexpr std::uint8_t tcp_fin = 1;
inline constexpr std::uint8_t tcp_syn = 2;
inline constexpr std::uint8_t tcp_reset = 4;
inline constexpr std::uint8_t tcp_push = 8;
inline constexpr std::uint8_t tcp_ack = 16;

/// Network byte order.
class Builder {
public:
    Builder& u8(std::uint8_t value);
    Builder& u16(std::uint16_t value);
    Builder& u32(std::uint32_t value);
    Builder& bytes(View value);
    Builder& zeros(std::size_t count);
    [[nodiscard]] Bytes take() { return std::move(bytes_); }

private:
    Bytes bytes_;
};

[[nodiscard]] std::uint16_t read_u16(View bytes, std::size_t offset);
[[nodiscard]] std::uint32_t read_u32(View bytes, std::size_t offset);

[[nodiscard]] Bytes ethernet(const Mac& to, const Mac& from, std::uint16_t type, View payload);
[[nodiscard]] Bytes ipv4(const Address4& to, const Address4& from, std::uint8_t protocol, View payload);
[[nodiscard]] Bytes udp(std::uint16_t to, std::uint16_t from, View payload);
[[nodiscard]] Bytes icmp_echo(std::uint16_t identifier, std::string_view payload);

struct TcpSegment {
    std::uint16_t to_port = 0;
    std::uint16_t from_port = 0;
    std::uint32_t sequence = 0;
    std::uint32_t acknowledged = 0;
    std::uint8_t flags = 0;
    std::uint16_t window = 0;
    std::string data{};
};

[[nodiscard]] Bytes tcp(const TcpSegment& segment, const Address4& to, const Address4& from);

/// What an IPv4 frame carries; empty when it is none of that protocol.
[[nodiscard]] std::optional<Bytes> ipv4_payload(View frame, std::uint8_t protocol);
[[nodiscard]] std::optional<TcpSegment> read_tcp(View frame);

} // namespace tessera::netmgmt::test
