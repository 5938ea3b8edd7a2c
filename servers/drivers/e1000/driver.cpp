// SPDX-License-Identifier: BSD-3-Clause
#include "servers/drivers/e1000/driver.h"

namespace tessera::e1000 {

using protocol::ethernet::EthernetRings;

Completion Driver::attach(ClientMemory& memory) {
    Client client{{memory, offsetof(EthernetRings, receive)}, {memory, offsetof(EthernetRings, transmit)}};
    TESSERA_TRY(client.receive.attach());
    TESSERA_TRY(client.transmit.attach());
    client_.emplace(client);
    return Done{};
}

void Driver::deliver(std::span<const std::byte> frame, Delivered& delivered) {
    if (frame.empty()) {
        ++statistics_.errors;
        return;
    }
    const Status status = client_ ? client_->receive.put(frame).status() : Status::no_space;
    if (status == Status::ok) {
        ++statistics_.received;
        delivered = Delivered::frames;
        return;
    }
    ++statistics_.dropped;
    if (status != Status::no_space) detach();
}

Delivered Driver::receive_frames() {
    Delivered delivered = Delivered::nothing;
    // One round of the ring at most: a flood must not keep the driver from everything else.
    for (std::size_t i = 0; i < CardMemory::descriptors; ++i) {
        const auto frame = card_.received();
        if (!frame) break;
        deliver(frame->bytes, delivered);
        card_.release_received();
    }
    return delivered;
}

void Driver::transmit_frames() {
    for (std::size_t i = 0; client_ && i < CardMemory::descriptors; ++i) {
        const Result<bool> waiting = client_->transmit.occupied();
        if (!waiting.has_value()) return detach();
        if (!*waiting) return;
        const auto buffer = card_.transmit_buffer();
        if (!buffer) return; // the client rings again with its next frame, or its clock
        const Result<std::size_t> length = client_->transmit.take(*buffer);
        if (!length.has_value()) return detach();
        if (*length == 0) {
            ++statistics_.errors;
            continue;
        }
        card_.transmit(*length);
        ++statistics_.transmitted;
    }
}

} // namespace tessera::e1000
