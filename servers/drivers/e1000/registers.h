// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The registers of Intel's 8254x that this driver uses. Sections are of Intel's "PCI/PCI-X Family of Gigabit Ethernet
// Controllers Software Developer's Manual" (317453). Every register is 32 bits wide and accessed so.

#include <cstdint>

namespace tessera::e1000 {

enum class Register : std::uint32_t { // offsets from the start of the register range; section 13.2
    control = 0x0000,                 // CTRL, 13.4.1
    status = 0x0008,                  // STATUS, 13.4.2
    eeprom_read = 0x0014,             // EERD, 13.4.4
    interrupt_cause = 0x00c0,         // ICR, 13.4.17: reading clears it
    interrupt_throttling = 0x00c4,    // ITR, 13.4.18
    interrupt_mask_set = 0x00d0,      // IMS, 13.4.20
    interrupt_mask_clear = 0x00d8,    // IMC, 13.4.21
    receive_control = 0x0100,         // RCTL, 13.4.22
    transmit_control = 0x0400,        // TCTL, 13.4.33
    transmit_gap = 0x0410,            // TIPG, 13.4.34
    receive_base_low = 0x2800,        // RDBAL and the following, 13.4.25 to 13.4.31
    receive_base_high = 0x2804,
    receive_ring_bytes = 0x2808,
    receive_head = 0x2810, // the device's next descriptor
    receive_tail = 0x2818, // the first descriptor that the device must not touch
    receive_delay = 0x2820,
    receive_absolute_delay = 0x282c,
    transmit_base_low = 0x3800, // TDBAL and the following, 13.4.36 to 13.4.41
    transmit_base_high = 0x3804,
    transmit_ring_bytes = 0x3808,
    transmit_head = 0x3810,
    transmit_tail = 0x3818,
    transmit_delay = 0x3820,
    receive_address_low = 0x5400,  // RAL(0), 13.5.2: the station's address, first byte lowest
    receive_address_high = 0x5404, // RAH(0), 13.5.3
};

namespace control {
inline constexpr std::uint32_t auto_speed_detection = 1u << 5;
inline constexpr std::uint32_t set_link_up = 1u << 6;
inline constexpr std::uint32_t reset = 1u << 26; // clears itself
// Link reset, invert loss of signal, VLAN mode and PHY reset stay off.
inline constexpr std::uint32_t unwanted = 1u << 3 | 1u << 7 | 1u << 30 | 1u << 31;
} // namespace control

namespace status {
inline constexpr std::uint32_t link_up = 1u << 1;
inline constexpr std::uint32_t no_device = 0xffff'ffff; // what an empty bus reads
} // namespace status

namespace eeprom_read {
inline constexpr std::uint32_t start = 1u << 0;
inline constexpr std::uint32_t done = 1u << 4;
inline constexpr std::uint32_t word_shift = 8;
inline constexpr std::uint32_t data_shift = 16;
} // namespace eeprom_read

namespace interrupt {                                 // ICR, IMS and IMC have the same bits
inline constexpr std::uint32_t transmitted = 1u << 0; // a descriptor was written back
inline constexpr std::uint32_t link_changed = 1u << 2;
inline constexpr std::uint32_t receive_low = 1u << 4; // few free receive descriptors are left
inline constexpr std::uint32_t receive_overrun = 1u << 6;
inline constexpr std::uint32_t received = 1u << 7;
inline constexpr std::uint32_t all = 0xffff'ffff;
} // namespace interrupt

namespace receive_control { // buffers of 2048 bytes, no long frames: both are 0
inline constexpr std::uint32_t enable = 1u << 1;
inline constexpr std::uint32_t all_multicast = 1u << 4; // IPv6 needs some; whoever sits above sorts them
inline constexpr std::uint32_t broadcast = 1u << 15;
inline constexpr std::uint32_t strip_check_sequence = 1u << 26;
} // namespace receive_control

namespace transmit_control {
inline constexpr std::uint32_t enable = 1u << 1;
inline constexpr std::uint32_t pad_short_frames = 1u << 3;
inline constexpr std::uint32_t collision_threshold = 15u << 4;
inline constexpr std::uint32_t collision_distance = 64u << 12; // full duplex
} // namespace transmit_control

inline constexpr std::uint32_t transmit_gap_full_duplex = 10 | 8u << 10 | 6u << 20; // section 14.5; only the 10 matters

inline constexpr std::uint32_t address_valid = 1u << 31; // RAH

class Registers {
public:
    virtual ~Registers() = default;
    virtual std::uint32_t read(Register which) = 0;
    virtual void write(Register which, std::uint32_t value) = 0;
};

} // namespace tessera::e1000
