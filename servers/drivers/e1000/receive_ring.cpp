// SPDX-License-Identifier: BSD-3-Clause
#include "servers/drivers/e1000/receive_ring.h"
#include "servers/drivers/e1000/frames.h"
#include <atomic>

namespace tessera::e1000 {

// Section 14.4. The tail is one before the head: a ring whose two ends meet would be empty.
void ReceiveRing::set_up() {
    DmaArea& area = memory_.area();
    for (std::uint32_t i = 0; i < ring_descriptors; ++i)
        area.receive[i] = {.buffer = memory_.address_of(area.received[i].data).value};
    next_ = 0;
    continues_ = false;
    released_ = 0;
    std::atomic_thread_fence(std::memory_order_release);
    registers_.write(Register::receive_base_low, static_cast<std::uint32_t>(memory_.address_of(area.receive).value));
    registers_.write(Register::receive_base_high, 0);
    registers_.write(Register::receive_ring_bytes, sizeof(area.receive));
    registers_.write(Register::receive_head, 0);
    registers_.write(Register::receive_tail, ring_descriptors - 1);
}

std::optional<ReceivedFrame> ReceiveRing::oldest() {
    ReceiveDescriptor& descriptor = memory_.area().receive[next_];
    const std::uint8_t status = std::atomic_ref(descriptor.status).load(std::memory_order_acquire);
    if ((status & receive_status::done) == 0) return std::nullopt;
    const std::uint32_t bytes = std::atomic_ref(descriptor.bytes).load(std::memory_order_relaxed);
    const bool whole = !continues_ && (status & receive_status::end_of_packet) != 0;
    if (!whole || descriptor.errors != 0 || !valid_length(bytes)) return ReceivedFrame{};
    ReceiveBuffer& buffer = memory_.area().received[next_];
    buffer.bytes = bytes;
    const auto from_length = std::as_bytes(std::span(&buffer, 1)).subspan(offsetof(ReceiveBuffer, bytes));
    return ReceivedFrame{.state = FrameState::good, .frame = from_length.first(length_field_bytes + bytes)};
}

void ReceiveRing::release() {
    DmaArea& area = memory_.area();
    continues_ = (area.receive[next_].status & receive_status::end_of_packet) == 0;
    area.receive[next_] = {.buffer = memory_.address_of(area.received[next_].data).value};
    next_ = (next_ + 1) % ring_descriptors;
    ++released_;
}

// The tail follows one behind the oldest frame.
void ReceiveRing::return_buffers() {
    if (released_ == 0) return;
    released_ = 0;
    std::atomic_thread_fence(std::memory_order_release);
    registers_.write(Register::receive_tail, (next_ + ring_descriptors - 1) % ring_descriptors);
}

} // namespace tessera::e1000
