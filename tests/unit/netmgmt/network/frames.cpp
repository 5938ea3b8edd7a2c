// SPDX-License-Identifier: BSD-3-Clause
#include "tests/unit/netmgmt/network/frames.h"

namespace tessera::netmgmt::test {
namespace {

/// RFC 1071.
std::uint16_t checksum(View bytes) {
    std::uint32_t sum = 0;
    for (std::size_t at = 0; at < bytes.size(); ++at) sum += at % 2 == 0 ? bytes[at] << 8 : bytes[at];
    while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
    return static_cast<std::uint16_t>(~sum);
}

void put_u16(Bytes& bytes, std::size_t offset, std::uint16_t value) {
    bytes[offset] = static_cast<std::uint8_t>(value >> 8);
    bytes[offset + 1] = static_cast<std::uint8_t>(value);
}

} // namespace

Builder& Builder::u8(std::uint8_t value) {
    bytes_.push_back(value);
    return *this;
}

Builder& Builder::u16(std::uint16_t value) {
    return u8(static_cast<std::uint8_t>(value >> 8)).u8(static_cast<std::uint8_t>(value));
}

Builder& Builder::u32(std::uint32_t value) {
    return u16(static_cast<std::uint16_t>(value >> 16)).u16(static_cast<std::uint16_t>(value));
}

Builder& Builder::bytes(View value) {
    bytes_.insert(bytes_.end(), value.begin(), value.end());
    return *this;
}

Builder& Builder::zeros(std::size_t count) {
    bytes_.resize(bytes_.size() + count);
    return *this;
}

std::uint16_t read_u16(View bytes, std::size_t offset) {
    return static_cast<std::uint16_t>(bytes[offset] << 8 | bytes[offset + 1]);
}

std::uint32_t read_u32(View bytes, std::size_t offset) {
    return static_cast<std::uint32_t>(read_u16(bytes, offset)) << 16 | read_u16(bytes, offset + 2);
}

Bytes ethernet(const Mac& to, const Mac& from, std::uint16_t type, View payload) {
    Bytes frame = Builder().bytes(to).bytes(from).u16(type).bytes(payload).take();
    constexpr std::size_t shortest_frame = 60; // without the check sequence
    if (frame.size() < shortest_frame) frame.resize(shortest_frame);
    return frame;
}

Bytes ipv4(const Address4& to, const Address4& from, std::uint8_t protocol, View payload) {
    const auto length = static_cast<std::uint16_t>(20 + payload.size());
    Builder header;
    header.u8(0x45).u8(0).u16(length).u16(1).u16(0).u8(64).u8(protocol).u16(0).bytes(from).bytes(to);
    Bytes packet = header.take();
    put_u16(packet, 10, checksum(packet));
    packet.insert(packet.end(), payload.begin(), payload.end());
    return packet;
}

Bytes udp(std::uint16_t to, std::uint16_t from, View payload) {
    constexpr std::uint16_t no_checksum = 0;
    const auto length = static_cast<std::uint16_t>(8 + payload.size());
    return Builder().u16(from).u16(to).u16(length).u16(no_checksum).bytes(payload).take();
}

Bytes icmp_echo(std::uint16_t identifier, std::string_view payload) {
    constexpr std::uint8_t echo = 8;
    Bytes message = Builder()
                        .u8(echo)
                        .u8(0)
                        .u16(0)
                        .u16(identifier)
                        .u16(1)
                        .bytes({reinterpret_cast<const std::uint8_t*>(payload.data()), payload.size()})
                        .take();
    put_u16(message, 2, checksum(message));
    return message;
}

Bytes tcp(const TcpSegment& segment, const Address4& to, const Address4& from) {
    constexpr std::uint8_t header_words = 5;
    Bytes bytes = Builder()
                      .u16(segment.from_port)
                      .u16(segment.to_port)
                      .u32(segment.sequence)
                      .u32(segment.acknowledged)
                      .u8(header_words << 4)
                      .u8(segment.flags)
                      .u16(segment.window)
                      .u32(0)
                      .bytes({reinterpret_cast<const std::uint8_t*>(segment.data.data()), segment.data.size()})
                      .take();
    Builder pseudo_header;
    pseudo_header.bytes(from).bytes(to).u8(0).u8(protocol_tcp).u16(static_cast<std::uint16_t>(bytes.size()));
    put_u16(bytes, 16, checksum(pseudo_header.bytes(bytes).take()));
    return bytes;
}

std::optional<Bytes> ipv4_payload(View frame, std::uint8_t protocol) {
    constexpr std::size_t headers = 14 + 20;
    if (frame.size() < headers || read_u16(frame, 12) != ethertype_ipv4 || frame[23] != protocol) return std::nullopt;
    const auto payload = frame.subspan(headers, read_u16(frame, 16) - std::size_t{20});
    return Bytes(payload.begin(), payload.end());
}

std::optional<TcpSegment> read_tcp(View frame) {
    const auto bytes = ipv4_payload(frame, protocol_tcp);
    if (!bytes) return std::nullopt;
    const std::size_t header = std::size_t{4} * ((*bytes)[12] >> 4);
    return TcpSegment{read_u16(*bytes, 2),
                      read_u16(*bytes, 0),
                      read_u32(*bytes, 4),
                      read_u32(*bytes, 8),
                      (*bytes)[13],
                      read_u16(*bytes, 14),
                      std::string(bytes->begin() + static_cast<std::ptrdiff_t>(header), bytes->end())};
}

} // namespace tessera::netmgmt::test
