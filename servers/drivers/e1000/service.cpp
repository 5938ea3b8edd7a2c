// SPDX-License-Identifier: BSD-3-Clause
#include "servers/drivers/e1000/service.h"

namespace tessera::e1000 {

using namespace protocol::ethernet;

Completion GrantedMemory::read(std::size_t offset, std::span<std::byte> to) {
    TESSERA_TRY(kernel_call<kernel_calls::SafecopyFrom>({.grantor = client_,
                                                         .grant = grant_,
                                                         .offset = offset,
                                                         .address = {reinterpret_cast<std::uint64_t>(to.data())},
                                                         .bytes = to.size()}));
    return Done{};
}

Completion GrantedMemory::write(std::size_t offset, std::span<const std::byte> from) {
    TESSERA_TRY(kernel_call<kernel_calls::SafecopyTo>({.grantor = client_,
                                                       .grant = grant_,
                                                       .offset = offset,
                                                       .address = {reinterpret_cast<std::uint64_t>(from.data())},
                                                       .bytes = from.size()}));
    return Done{};
}

void Service::enable_interrupt() { (void)kernel_call<kernel_calls::InterruptEnable>({.line = line_}); }

// One client at a time: another one is busy until the first is dead.
runtime::Outcome<Open::Reply> Service::handle(Open, const Open::Request& request, Endpoint caller) {
    if (memory_ && memory_->client() != caller && notify(memory_->client()).status() != Status::dead_endpoint)
        return Status::busy;
    GrantedMemory opened(caller, request.rings);
    driver_.detach();
    memory_ = opened;
    if (const Completion attached = driver_.attach(*memory_); !attached.has_value()) {
        memory_.reset();
        return attached.error();
    }
    return Open::Reply{.mac = card_.mac_address(), .link_up = card_.link_up(), .reserved = 0};
}

runtime::Outcome<Statistics::Reply> Service::handle(Statistics, const protocol::Nothing&, Endpoint) {
    driver_.statistics().link_up = card_.link_up();
    return driver_.statistics();
}

void Service::notified(Endpoint source, const NotificationMessage&) {
    if (source == endpoints::hardware)
        serve_interrupt();
    else if (memory_ && source == memory_->client())
        move_frames();
}

// Reading the causes takes the level-triggered line down; then it may be let in again.
void Service::serve_interrupt() {
    ++driver_.statistics().interrupts;
    (void)card_.take_interrupts();
    enable_interrupt();
    move_frames();
}

void Service::move_frames() {
    const Delivered delivered = driver_.receive_frames();
    driver_.transmit_frames();
    if (driver_.client_state() == ClientState::gone)
        memory_.reset();
    else if (delivered == Delivered::frames)
        (void)notify(memory_->client());
}

} // namespace tessera::e1000
