// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Where things are in a client's rings, and which lengths a frame may have.

#include "servers/protocols/ethernet.h"
#include <cstddef>

namespace tessera::e1000 {

using protocol::ethernet::EthernetRings;
using protocol::ethernet::Frame;
using protocol::ethernet::Ring;
using protocol::ethernet::ring_slots;

inline constexpr std::size_t length_field_bytes = offsetof(Frame, data);
inline constexpr std::uint32_t header_bytes = 14; // destination, source, type

constexpr bool valid_length(std::uint32_t bytes) {
    return bytes >= header_bytes && bytes <= protocol::ethernet::frame_limit;
}

// Offsets in EthernetRings.
namespace ring_offset {
inline constexpr std::size_t receive = offsetof(EthernetRings, receive);
inline constexpr std::size_t transmit = offsetof(EthernetRings, transmit);
constexpr std::size_t produced(std::size_t ring) { return ring + offsetof(Ring, produced); }
constexpr std::size_t consumed(std::size_t ring) { return ring + offsetof(Ring, consumed); }
// Of the frame that an index names.
constexpr std::size_t frame(std::size_t ring, std::uint32_t index) {
    return ring + offsetof(Ring, frames) + index % ring_slots * sizeof(Frame);
}
} // namespace ring_offset

} // namespace tessera::e1000
