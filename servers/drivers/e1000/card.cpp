// SPDX-License-Identifier: BSD-3-Clause
#include "servers/drivers/e1000/card.h"
#include <atomic>

namespace tessera::e1000 {

namespace {

// The card writes descriptors behind the compiler's back.
template <class T> T read_shared(T& place) { return static_cast<volatile T&>(place); }
template <class T> void write_shared(T& place, T value) { static_cast<volatile T&>(place) = value; }

} // namespace

PhysicalAddress Card::physical_of(const void* part) const {
    return physical_ + static_cast<std::uint64_t>(static_cast<const std::byte*>(part) -
                                                  reinterpret_cast<const std::byte*>(&memory_));
}

Completion Card::reset(std::uint32_t polls) {
    registers_.write(Register::interrupt_mask_clear, interrupt::all);
    registers_.write(Register::receive_control, 0);
    registers_.write(Register::transmit_control, 0);
    registers_.write(Register::control, registers_.read(Register::control) | control::reset);
    for (std::uint32_t i = 0; (registers_.read(Register::control) & control::reset) != 0; ++i)
        if (i == polls) return Status::timed_out;
    registers_.write(Register::interrupt_mask_clear, interrupt::all);
    (void)take_interrupts();
    return Done{};
}

void Card::start() {
    read_mac_address();
    registers_.write(Register::control,
                     registers_.read(Register::control) | control::set_link_up | control::auto_speed);
    for (std::uint32_t i = 0; i < multicast_words; ++i) registers_.write(Register::multicast_table, 0, i);
    start_receiving();
    start_transmitting();
    registers_.write(Register::interrupt_mask_set, interrupt::link_change | interrupt::receive_low |
                                                       interrupt::receive_overrun | interrupt::receive_timer);
}

// The reset has loaded it from the EEPROM (5.6.1).
void Card::read_mac_address() {
    const std::uint32_t low = registers_.read(Register::receive_address_low);
    const std::uint32_t high = registers_.read(Register::receive_address_high);
    for (unsigned i = 0; i < mac_.size(); ++i)
        mac_[i] = static_cast<std::uint8_t>(i < 4 ? low >> 8 * i : high >> 8 * (i - 4));
}

void Card::start_receiving() {
    next_receive_ = 0;
    for (std::size_t i = 0; i < CardMemory::descriptors; ++i)
        memory_.receive[i] = {.address = physical_of(&memory_.receive_buffers[i]).value};
    const std::uint64_t base = physical_of(memory_.receive.data()).value;
    registers_.write(Register::receive_base_low, static_cast<std::uint32_t>(base));
    registers_.write(Register::receive_base_high, static_cast<std::uint32_t>(base >> 32));
    registers_.write(Register::receive_bytes, sizeof(memory_.receive));
    registers_.write(Register::receive_head, 0);
    registers_.write(Register::receive_tail, CardMemory::descriptors - 1);
    registers_.write(Register::receive_control,
                     receive::enable | receive::all_multicast | receive::broadcast | receive::strip_check);
}

void Card::start_transmitting() {
    next_transmit_ = 0;
    for (TransmitDescriptor& entry : memory_.transmit) entry = {.status = descriptor::done};
    const std::uint64_t base = physical_of(memory_.transmit.data()).value;
    registers_.write(Register::transmit_base_low, static_cast<std::uint32_t>(base));
    registers_.write(Register::transmit_base_high, static_cast<std::uint32_t>(base >> 32));
    registers_.write(Register::transmit_bytes, sizeof(memory_.transmit));
    registers_.write(Register::transmit_head, 0);
    registers_.write(Register::transmit_tail, 0);
    registers_.write(Register::transmit_gap, transmit::gap_for_copper);
    registers_.write(Register::transmit_control,
                     transmit::enable | transmit::pad_short | transmit::collisions | transmit::distance);
}

std::optional<Card::ReceivedFrame> Card::received() {
    ReceiveDescriptor& entry = memory_.receive[next_receive_];
    const std::uint8_t state = read_shared(entry.status);
    if ((state & descriptor::done) == 0) return std::nullopt;
    std::atomic_thread_fence(std::memory_order_acquire);
    const std::uint16_t length = read_shared(entry.length);
    const bool whole = (state & descriptor::end_of_packet) != 0 && read_shared(entry.errors) == 0;
    if (!whole || length > CardMemory::buffer_bytes) return ReceivedFrame{};
    return ReceivedFrame{std::span(memory_.receive_buffers[next_receive_]).first(length)};
}

// The tail is the last descriptor that the card may use: the one just emptied.
void Card::release_received() {
    write_shared<std::uint8_t>(memory_.receive[next_receive_].status, 0);
    std::atomic_thread_fence(std::memory_order_release);
    registers_.write(Register::receive_tail, next_receive_);
    next_receive_ = (next_receive_ + 1) % CardMemory::descriptors;
}

// One descriptor stays empty: head = tail means that there is nothing to send.
std::optional<std::span<std::byte>> Card::transmit_buffer() {
    const std::uint32_t after = (next_transmit_ + 1) % CardMemory::descriptors;
    const bool free = (read_shared(memory_.transmit[next_transmit_].status) & descriptor::done) != 0 &&
                      (read_shared(memory_.transmit[after].status) & descriptor::done) != 0;
    if (!free) return std::nullopt;
    return std::span(memory_.transmit_buffers[next_transmit_]);
}

void Card::transmit(std::size_t bytes) {
    TransmitDescriptor& entry = memory_.transmit[next_transmit_];
    entry = {.address = physical_of(&memory_.transmit_buffers[next_transmit_]).value,
             .length = static_cast<std::uint16_t>(bytes),
             .command = descriptor::command_end | descriptor::command_check | descriptor::command_report};
    std::atomic_thread_fence(std::memory_order_release);
    next_transmit_ = (next_transmit_ + 1) % CardMemory::descriptors;
    registers_.write(Register::transmit_tail, next_transmit_);
}

} // namespace tessera::e1000
