// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The device as a whole: reset, address, link, interrupts. The rings are beside it.

#include "kernel/abi/result.h"
#include "kernel/abi/strong.h"
#include "servers/drivers/e1000/registers.h"
#include <array>

namespace tessera::e1000 {

using MacAddress = std::array<std::uint8_t, 6>;

class Clock {
public:
    virtual ~Clock() = default;
    virtual Nanoseconds now() = 0; // moves on while one polls
};

class Controller {
public:
    static constexpr Nanoseconds patience{10'000'000}; // 10 ms for what the device does by itself
    static constexpr Nanoseconds reset_silence{1000};  // after a reset it must not be touched so long, 13.4.1

    Controller(Registers& registers, Clock& clock) : registers_(registers), clock_(clock) {}

    // Stops whatever a predecessor left running: after it the device touches no memory and interrupts nobody.
    // no_device: nothing answers; timed_out.
    Completion reset();

    // The address from the EEPROM, also told to the receive filter. timed_out; damaged: not a station's address.
    Result<MacAddress> load_address();

    // Link on, both directions on, interrupts on. After the rings were set up.
    void start();

    // Which interrupts were pending; they are not any more.
    std::uint32_t take_causes() { return registers_.read(Register::interrupt_cause); }
    bool link_up() { return (registers_.read(Register::status) & status::link_up) != 0; }

    // Whether the device interrupts when it has sent a frame: wanted only while the transmit ring is full.
    void interrupt_when_transmitted() { registers_.write(Register::interrupt_mask_set, interrupt::transmitted); }
    void no_interrupt_when_transmitted() { registers_.write(Register::interrupt_mask_clear, interrupt::transmitted); }

private:
    void pause(Nanoseconds duration);
    template <class Condition> Completion wait_for(Condition&& condition);
    Result<std::uint16_t> read_eeprom(std::uint32_t word);
    Result<MacAddress> read_address();

    Registers& registers_;
    Clock& clock_;
};

} // namespace tessera::e1000
