// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The card: reset, rings of descriptors, frames in and out. Registers are reached through an interface, so that a test
// can be the card.

#include "kernel/abi/result.h"
#include "kernel/abi/strong.h"
#include "servers/drivers/e1000/registers.h"
#include <array>
#include <optional>
#include <span>

namespace tessera::e1000 {

class RegisterAccess {
public:
    virtual std::uint32_t read(Register which, std::uint32_t index = 0) = 0; // index: of a word behind the first
    virtual void write(Register which, std::uint32_t value, std::uint32_t index = 0) = 0;

protected:
    ~RegisterAccess() = default;
};

using MacAddress = std::array<std::uint8_t, 6>;

// What the card reads and writes by itself; zeroed by `start`.
struct CardMemory {
    static constexpr std::size_t descriptors = 64;
    static constexpr std::size_t buffer_bytes = 2048;
    using Buffer = std::array<std::byte, buffer_bytes>;

    alignas(128) std::array<ReceiveDescriptor, descriptors> receive;
    alignas(128) std::array<TransmitDescriptor, descriptors> transmit;
    std::array<Buffer, descriptors> receive_buffers;
    std::array<Buffer, descriptors> transmit_buffers;
};

class Card {
public:
    // `memory` is at `physical` for the card.
    Card(RegisterAccess& registers, CardMemory& memory, PhysicalAddress physical)
        : registers_(registers),
          memory_(memory),
          physical_(physical) {}

    // Stops whatever a predecessor left running. The card is silent after it; timed_out when it does not answer in
    // `polls` reads.
    Completion reset(std::uint32_t polls);
    void start();

    MacAddress mac_address() const { return mac_; }
    bool link_up() { return (registers_.read(Register::status) & status::link_up) != 0; }
    // The causes since the last call.
    std::uint32_t take_interrupts() { return registers_.read(Register::interrupt_cause); }

    struct ReceivedFrame {
        std::span<const std::byte> bytes; // empty: a damaged or split frame
    };
    // The oldest frame that the card has finished, until `release_received`.
    std::optional<ReceivedFrame> received();
    void release_received();

    // Buffer for the next frame to send; nothing when all are on their way.
    std::optional<std::span<std::byte>> transmit_buffer();
    void transmit(std::size_t bytes); // what was put in that buffer

private:
    PhysicalAddress physical_of(const void* part) const;
    void read_mac_address();
    void start_receiving();
    void start_transmitting();

    RegisterAccess& registers_;
    CardMemory& memory_;
    PhysicalAddress physical_;
    MacAddress mac_{};
    std::uint32_t next_receive_ = 0;
    std::uint32_t next_transmit_ = 0;
};

} // namespace tessera::e1000
