// SPDX-License-Identifier: BSD-3-Clause
#include "servers/drivers/e1000/driver.h"

namespace tessera::e1000 {

Result<MacAddress> Driver::start() {
    TESSERA_TRY(controller_.reset());
    const MacAddress address = TESSERA_TRY(controller_.load_address());
    receive_.set_up();
    transmit_.set_up();
    controller_.start();
    read_link();
    return address;
}

Completion Driver::open(Attachment attachment) {
    // An attached client whose rings can still be reached is alive.
    if (client_ && client() != attachment.client && clients_.read(client_->attachment, 0, {}).has_value())
        return Status::busy;
    std::byte last{};
    TESSERA_TRY(clients_.read(attachment, sizeof(EthernetRings) - 1, std::span(&last, 1)));
    Client opened{.attachment = attachment, .receive{clients_, attachment}, .transmit{clients_, attachment}};
    TESSERA_TRY(opened.receive.attach());
    TESSERA_TRY(opened.transmit.attach());
    client_.emplace(opened);
    read_link();
    rung();
    return Done{};
}

void Driver::interrupted() {
    ++statistics_.interrupts;
    if ((controller_.take_causes() & interrupt::link_changed) != 0) read_link();
    receive_frames();
    if (!waits_for_room_) return;
    waits_for_room_ = false;
    controller_.no_interrupt_when_transmitted();
    transmit_frames();
}

void Driver::rung() {
    transmit_frames();
    receive_frames(); // the client may have made room for frames that wait in the device's ring
}

// ---- From the device to the client ----

// At most one round of the ring, as buffers go back only after it. A frame for which the client has no room stays where
// it is.
void Driver::receive_frames() {
    while (const auto frame = receive_.oldest()) {
        if (deliver(*frame).status() == Status::no_space) break;
        receive_.release();
    }
    receive_.return_buffers();
    if (client_ && client_->receive.unpublished() && !tell_received().has_value()) client_.reset();
}

Completion Driver::deliver(const ReceivedFrame& frame) {
    if (frame.state == FrameState::bad) {
        ++statistics_.errors;
        return Done{};
    }
    const Status status = client_ ? client_->receive.put(frame.frame).status() : Status::dead_endpoint;
    if (status == Status::no_space) return status;
    if (status == Status::ok) {
        ++statistics_.received;
    } else {
        client_.reset();
        ++statistics_.dropped;
    }
    return Done{};
}

Completion Driver::tell_received() {
    TESSERA_TRY(client_->receive.publish());
    return clients_.notify(client_->attachment.client);
}

// ---- From the client to the device ----

// One batch: for what the client adds meanwhile it rings again.
void Driver::transmit_frames() {
    if (!client_) return;
    const Completion taken = take_frames();
    transmit_.send();
    if (!taken.has_value() || !tell_transmitted().has_value()) client_.reset();
}

Completion Driver::take_frames() {
    const auto waiting = client_->transmit.waiting();
    if (waiting.status() == Status::damaged) {
        ++statistics_.errors;
        return Done{};
    }
    for (std::uint32_t left = TESSERA_TRY(waiting); left != 0; --left) {
        Frame* frame = transmit_.free_frame();
        if (frame == nullptr) {
            waits_for_room_ = true;
            controller_.interrupt_when_transmitted();
            return Done{};
        }
        const std::uint32_t bytes = TESSERA_TRY(client_->transmit.take(*frame));
        if (bytes == 0) {
            ++statistics_.errors;
            continue;
        }
        transmit_.add(bytes);
        ++statistics_.transmitted;
    }
    return Done{};
}

Completion Driver::tell_transmitted() {
    if (!client_->transmit.unpublished()) return Done{};
    const Producer producer = TESSERA_TRY(client_->transmit.publish());
    return producer == Producer::may_wait ? clients_.notify(client_->attachment.client) : Done{};
}

} // namespace tessera::e1000
