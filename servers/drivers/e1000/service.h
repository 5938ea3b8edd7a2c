// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The driver as a server: the protocol, interrupts and doorbells.

#include "servers/drivers/e1000/driver.h"
#include "servers/runtime/server.h"
#include <optional>

namespace tessera::e1000 {

// The granted rings of one client process.
class GrantedMemory final : public ClientMemory {
public:
    GrantedMemory(Endpoint client, GrantId grant) : client_(client), grant_(grant) {}
    Endpoint client() const { return client_; }
    Completion read(std::size_t offset, std::span<std::byte> to) override;
    Completion write(std::size_t offset, std::span<const std::byte> from) override;

private:
    Endpoint client_;
    GrantId grant_;
};

class Service {
public:
    Service(Card& card, InterruptLine line) : card_(card), driver_(card), line_(line) {}

    void enable_interrupt();

    runtime::Outcome<protocol::ethernet::Open::Reply>
    handle(protocol::ethernet::Open, const protocol::ethernet::Open::Request& request, Endpoint caller);
    runtime::Outcome<protocol::ethernet::Statistics::Reply> handle(protocol::ethernet::Statistics,
                                                                   const protocol::Nothing&, Endpoint);
    void notified(Endpoint source, const NotificationMessage& notification);

private:
    void serve_interrupt();
    void move_frames();

    Card& card_;
    Driver driver_;
    InterruptLine line_;
    std::optional<GrantedMemory> memory_; // of the client that is attached
};

} // namespace tessera::e1000
