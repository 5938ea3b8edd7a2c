// SPDX-License-Identifier: BSD-3-Clause
#include "servers/drivers/e1000/controller.h"
#include <algorithm>

namespace tessera::e1000 {

void Controller::pause(Nanoseconds duration) {
    for (const Nanoseconds start = clock_.now(); clock_.now().value - start.value < duration.value;) {
    }
}

template <class Condition> Completion Controller::wait_for(Condition&& condition) {
    const Nanoseconds start = clock_.now();
    while (!condition())
        if (clock_.now().value - start.value > patience.value) return Status::timed_out;
    return Done{};
}

// Section 14.3. The emulators' reset changes no other register, so the engines and interrupts are stopped one by one
// first; real devices stop with the reset at the latest.
Completion Controller::reset() {
    if (registers_.read(Register::status) == status::no_device) return Status::no_device;
    registers_.write(Register::interrupt_mask_clear, interrupt::all);
    registers_.write(Register::receive_control, 0);
    registers_.write(Register::transmit_control, 0);
    registers_.write(Register::control, registers_.read(Register::control) | control::reset);
    pause(reset_silence);
    TESSERA_TRY(wait_for([&] { return (registers_.read(Register::control) & control::reset) == 0; }));
    registers_.write(Register::interrupt_mask_clear, interrupt::all);
    (void)take_causes();
    return Done{};
}

// Real devices and QEMU load the address into the filter at reset; Bochs leaves the filter empty.
Result<MacAddress> Controller::load_address() {
    const MacAddress address = TESSERA_TRY(read_address());
    const bool group = (address[0] & 1) != 0;
    if (group || std::ranges::all_of(address, [](std::uint8_t byte) { return byte == 0; })) return Status::damaged;
    std::uint32_t low = 0;
    for (std::size_t i = 0; i < 4; ++i) low |= std::uint32_t{address[i]} << (8 * i);
    registers_.write(Register::receive_address_low, low);
    registers_.write(Register::receive_address_high, address_valid | std::uint32_t{address[5]} << 8 | address[4]);
    return address;
}

Result<MacAddress> Controller::read_address() {
    MacAddress address{};
    const std::uint32_t high = registers_.read(Register::receive_address_high);
    if ((high & address_valid) != 0) {
        const std::uint64_t both = std::uint64_t{high} << 32 | registers_.read(Register::receive_address_low);
        for (std::size_t i = 0; i < address.size(); ++i) address[i] = static_cast<std::uint8_t>(both >> (8 * i));
        return address;
    }
    for (std::uint32_t word = 0; word < 3; ++word) { // words 0..2, section 5.6.1
        const std::uint16_t value = TESSERA_TRY(read_eeprom(word));
        address[2 * word] = static_cast<std::uint8_t>(value);
        address[2 * word + 1] = static_cast<std::uint8_t>(value >> 8);
    }
    return address;
}

Result<std::uint16_t> Controller::read_eeprom(std::uint32_t word) {
    registers_.write(Register::eeprom_read, eeprom_read::start | word << eeprom_read::word_shift);
    std::uint32_t value = 0;
    TESSERA_TRY(wait_for([&] {
        value = registers_.read(Register::eeprom_read);
        return (value & eeprom_read::done) != 0;
    }));
    return static_cast<std::uint16_t>(value >> eeprom_read::data_shift);
}

// Sections 14.3 to 14.5. Receiving goes on last. QEMU receives nothing for a second after each write to
// receive_control, so it is written once.
void Controller::start() {
    const std::uint32_t present = registers_.read(Register::control) & ~control::unwanted;
    registers_.write(Register::control, present | control::auto_speed_detection | control::set_link_up);
    registers_.write(Register::interrupt_throttling, 0);
    registers_.write(Register::receive_delay, 0);
    registers_.write(Register::receive_absolute_delay, 0);
    registers_.write(Register::transmit_delay, 0);
    registers_.write(Register::transmit_gap, transmit_gap_full_duplex);
    registers_.write(Register::transmit_control, transmit_control::enable | transmit_control::pad_short_frames |
                                                     transmit_control::collision_threshold |
                                                     transmit_control::collision_distance);
    registers_.write(Register::interrupt_mask_set, interrupt::link_changed | interrupt::receive_low |
                                                       interrupt::receive_overrun | interrupt::received);
    registers_.write(Register::receive_control, receive_control::enable | receive_control::all_multicast |
                                                    receive_control::broadcast | receive_control::strip_check_sequence);
}

} // namespace tessera::e1000
