// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// An Ethernet driver and its one client exchange frames through two rings in the client's memory (EthernetRings), which
// the client lets the driver map. Either side notifies the other after it moved an index: that is the
// doorbell; the driver may leave it out for consumed frames unless the client found the ring full. A side trusts
// nothing in the rings: indices are taken modulo, lengths are checked.

#include "kernel/abi/grant.h"
#include "kernel/abi/strong.h"
#include "servers/protocols/protocol.h"
#include <atomic>

namespace tessera::protocol::ethernet {

inline constexpr std::uint32_t ring_slots = 64; // a power of two
inline constexpr std::uint32_t frame_limit = 1518;

struct Frame {
    std::uint32_t bytes = 0;
    std::array<std::uint8_t, 1532> data{};
};
static_assert(sizeof(Frame) == 1536);

// `produced` and `consumed` count frames modulo 2^32; produced - consumed is the number waiting, at most ring_slots.
struct Ring {
    std::uint32_t produced = 0; // written by the producer only
    std::array<std::uint32_t, 15> gap0{};
    std::uint32_t consumed = 0; // written by the consumer only
    std::array<std::uint32_t, 15> gap1{};
    std::array<Frame, ring_slots> frames{};
};

struct alignas(page_bytes) EthernetRings { // whole pages: the driver maps them
    Ring receive;                          // the driver produces
    Ring transmit;                         // the client produces
};

struct Open {
    static constexpr std::string_view name = "open";
    static constexpr Repeat repeat = Repeat::idempotent;
    struct Request {
        GrantId rings; // of an EthernetRings, to read, write and map
    };
    struct Reply {
        std::array<std::uint8_t, 6> mac;
        std::uint8_t link_up;
        std::uint8_t reserved;
    };
    static constexpr std::array errors{Status::busy, Status::not_permitted, Status::input_output};
};

// The driver also keeps them at the start of a page that it publishes in DS, as the map entry "e1000.statistics".
struct Statistics {
    static constexpr std::string_view name = "statistics";
    static constexpr Repeat repeat = Repeat::idempotent;
    using Request = Nothing;
    struct Reply {
        std::uint64_t received;
        std::uint64_t transmitted;
        std::uint64_t dropped; // received, but the ring was full or the client gone
        std::uint64_t errors;  // bad descriptors, bad lengths
        std::uint64_t interrupts;
        std::uint64_t link_up;
    };
    static constexpr std::array<Status, 0> errors{};
};

using EthernetProtocol = Protocol<ProtocolId::ethernet, Open, Statistics>;

} // namespace tessera::protocol::ethernet
