// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Registers and descriptors of the 8254x. Intel, PCI/PCI-X Family of Gigabit Ethernet Controllers Software Developer's
// Manual (revision 4.0): registers in chapter 13, receive descriptors 3.2.3, legacy transmit descriptors 3.3.3.

#include <cstdint>

namespace tessera::e1000 {

enum class Register : std::uint32_t {
    control = 0x0000,              // CTRL, 13.4.1
    status = 0x0008,               // STATUS, 13.4.2
    interrupt_cause = 0x00c0,      // ICR, 13.4.17: reading clears it
    interrupt_mask_set = 0x00d0,   // IMS, 13.4.20
    interrupt_mask_clear = 0x00d8, // IMC, 13.4.21
    receive_control = 0x0100,      // RCTL, 13.4.22
    transmit_control = 0x0400,     // TCTL, 13.4.33
    transmit_gap = 0x0410,         // TIPG, 13.4.34
    receive_base_low = 0x2800,     // RDBAL, 13.4.25
    receive_base_high = 0x2804,    // RDBAH
    receive_bytes = 0x2808,        // RDLEN
    receive_head = 0x2810,         // RDH
    receive_tail = 0x2818,         // RDT
    transmit_base_low = 0x3800,    // TDBAL, 13.4.36
    transmit_base_high = 0x3804,   // TDBAH
    transmit_bytes = 0x3808,       // TDLEN
    transmit_head = 0x3810,        // TDH
    transmit_tail = 0x3818,        // TDT
    multicast_table = 0x5200,      // MTA, 13.5.1: 128 words
    receive_address_low = 0x5400,  // RAL0, 13.5.2
    receive_address_high = 0x5404, // RAH0, 13.5.3
};
inline constexpr std::uint32_t multicast_words = 128;

namespace control {
inline constexpr std::uint32_t auto_speed = 1u << 5;  // ASDE
inline constexpr std::uint32_t set_link_up = 1u << 6; // SLU
inline constexpr std::uint32_t reset = 1u << 26;      // RST: clears itself
} // namespace control

namespace status {
inline constexpr std::uint32_t link_up = 1u << 1;
}

namespace interrupt {
inline constexpr std::uint32_t link_change = 1u << 2;     // LSC
inline constexpr std::uint32_t receive_low = 1u << 4;     // RXDMT0
inline constexpr std::uint32_t receive_overrun = 1u << 6; // RXO
inline constexpr std::uint32_t receive_timer = 1u << 7;   // RXT0
inline constexpr std::uint32_t all = 0xffff'ffff;
} // namespace interrupt

namespace receive {
inline constexpr std::uint32_t enable = 1u << 1;        // EN
inline constexpr std::uint32_t all_multicast = 1u << 4; // MPE: IPv6 needs groups; lwIP filters
inline constexpr std::uint32_t broadcast = 1u << 15;    // BAM; buffers of 2048 bytes (BSIZE 0)
inline constexpr std::uint32_t strip_check = 1u << 26;  // SECRC
} // namespace receive

namespace transmit {
inline constexpr std::uint32_t enable = 1u << 1;       // EN
inline constexpr std::uint32_t pad_short = 1u << 3;    // PSP
inline constexpr std::uint32_t collisions = 0x0f << 4; // CT
inline constexpr std::uint32_t distance = 0x40 << 12;  // COLD, full duplex
inline constexpr std::uint32_t gap_for_copper = 10 | 10 << 10 | 10 << 20;
} // namespace transmit

struct ReceiveDescriptor {
    std::uint64_t address;
    std::uint16_t length;
    std::uint16_t checksum;
    std::uint8_t status;
    std::uint8_t errors;
    std::uint16_t special;
};
static_assert(sizeof(ReceiveDescriptor) == 16);

struct TransmitDescriptor {
    std::uint64_t address;
    std::uint16_t length;
    std::uint8_t checksum_offset;
    std::uint8_t command;
    std::uint8_t status;
    std::uint8_t checksum_start;
    std::uint16_t special;
};
static_assert(sizeof(TransmitDescriptor) == 16);

namespace descriptor {
inline constexpr std::uint8_t done = 1u << 0;           // DD, of both kinds
inline constexpr std::uint8_t end_of_packet = 1u << 1;  // EOP in a receive status
inline constexpr std::uint8_t command_end = 1u << 0;    // EOP in a transmit command
inline constexpr std::uint8_t command_check = 1u << 1;  // IFCS: the card adds the check sequence
inline constexpr std::uint8_t command_report = 1u << 3; // RS: sets DD when sent
} // namespace descriptor

} // namespace tessera::e1000
