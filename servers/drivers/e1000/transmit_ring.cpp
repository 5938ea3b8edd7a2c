// SPDX-License-Identifier: BSD-3-Clause
#include "servers/drivers/e1000/transmit_ring.h"
#include <atomic>

namespace tessera::e1000 {

// Section 14.5.
void TransmitRing::set_up() {
    DmaArea& area = memory_.area();
    area.transmit.fill({});
    next_ = 0;
    first_ = 0;
    added_ = 0;
    std::atomic_thread_fence(std::memory_order_release);
    registers_.write(Register::transmit_base_low, static_cast<std::uint32_t>(memory_.address_of(area.transmit).value));
    registers_.write(Register::transmit_base_high, 0);
    registers_.write(Register::transmit_ring_bytes, sizeof(area.transmit));
    registers_.write(Register::transmit_head, 0);
    registers_.write(Register::transmit_tail, 0);
}

// One descriptor stays unused: a ring whose two ends meet would be empty.
protocol::ethernet::Frame* TransmitRing::free_frame() {
    const std::uint32_t after = (next_ + 1) % ring_descriptors;
    if (after == first_) reclaim();
    return after == first_ ? nullptr : &memory_.area().transmitted[next_];
}

void TransmitRing::add(std::uint32_t bytes) {
    DmaArea& area = memory_.area();
    area.transmit[next_] = {
        .buffer = memory_.address_of(area.transmitted[next_].data).value,
        .bytes = static_cast<std::uint16_t>(bytes),
        .command =
            transmit_command::end_of_packet | transmit_command::insert_check_sequence | transmit_command::report_status,
    };
    next_ = (next_ + 1) % ring_descriptors;
    ++added_;
}

void TransmitRing::send() {
    if (added_ == 0) return;
    added_ = 0;
    std::atomic_thread_fence(std::memory_order_release);
    registers_.write(Register::transmit_tail, next_);
}

void TransmitRing::reclaim() {
    while (first_ != next_) {
        std::uint8_t& status = memory_.area().transmit[first_].status;
        if ((std::atomic_ref(status).load(std::memory_order_acquire) & transmit_status::done) == 0) return;
        first_ = (first_ + 1) % ring_descriptors;
    }
}

} // namespace tessera::e1000
