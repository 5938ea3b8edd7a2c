// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Moves frames between the card and its client, at interrupts and doorbells.

#include "servers/drivers/e1000/card.h"
#include "servers/drivers/e1000/client.h"

namespace tessera::e1000 {

using DriverStatistics = protocol::ethernet::Statistics::Reply;

enum class ClientState : std::uint8_t { present, gone };
enum class Delivered : std::uint8_t { nothing, frames };

class Driver {
public:
    explicit Driver(Card& card) : card_(card) {}

    // From now on frames go to and come from this memory. bad_address, not_permitted: the grant is not good; the old
    // client stays.
    Completion attach(ClientMemory& memory);
    void detach() { client_.reset(); }

    // Everything that the card has received, to the client; without one, or when its ring is full, frames are dropped.
    Delivered receive_frames();
    // Everything that the client has produced, to the card.
    void transmit_frames();

    // Whether a copy failed because the client is no more.
    ClientState client_state() const { return client_ ? ClientState::present : ClientState::gone; }
    DriverStatistics& statistics() { return statistics_; }

private:
    struct Client {
        ClientRing receive;
        ClientRing transmit;
    };

    void deliver(std::span<const std::byte> frame, Delivered& delivered);

    Card& card_;
    std::optional<Client> client_;
    DriverStatistics statistics_{};
};

} // namespace tessera::e1000
