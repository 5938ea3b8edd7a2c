// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// What a process may do. Set by RS with privilege_set, read back with privilege_get; a user process shares one poor
// set.

#include "kernel/abi/endpoint.h"
#include "kernel/abi/message.h"
#include "kernel/abi/strong.h"
#include <array>
#include <cstdint>

namespace tessera {

struct IoPortRange {
    std::uint16_t first = 0;
    std::uint16_t last = 0; // inclusive
};

struct PhysicalRange {
    PhysicalAddress base;
    std::uint64_t bytes = 0;
};

inline constexpr std::size_t privilege_interrupt_limit = 4;
inline constexpr std::size_t privilege_io_range_limit = 8;
inline constexpr std::size_t privilege_memory_range_limit = 8;
inline constexpr std::uint8_t priority_count = 16; // 0 is the most urgent
inline constexpr std::uint8_t service_limit = 64;

namespace service_ids {
inline constexpr ServiceId user{0};
inline constexpr ServiceId vm{1};
inline constexpr ServiceId rs{2}; // RS gives the ids from 3 on to its labels
} // namespace service_ids

// Whether its magic grants are honoured: grants of memory of user processes.
enum class MagicGrants : std::uint8_t { refused = 0, of_users = 1 };

struct Privileges {
    // Bit s: may start a conversation with the service whose ServiceId is s; bit 0: with user processes.
    // Answering a process that waits in send_receive for the answer needs no bit.
    std::uint64_t send_mask = 0;
    std::uint64_t kernel_call_mask = 0;         // bit per number of the call
    std::uint32_t primitive_mask = 0;           // bit per Primitive
    ServiceId service{};                        // 0: user process
    std::uint8_t priority = priority_count - 1; // the most urgent one that it may have
    std::uint8_t interrupt_count = 0;
    std::uint8_t io_range_count = 0;
    std::uint8_t memory_range_count = 0;
    ServiceId supervisor{}; // the service that is told when the process dies; if none has this id: RS
    ServiceId scheduler{};  // the service that decides when its quantum is used up; if none has this id: the kernel
    MagicGrants magic_grants = MagicGrants::refused;
    std::uint32_t quantum_milliseconds = 20;
    std::array<InterruptLine, privilege_interrupt_limit> interrupts{};
    std::array<IoPortRange, privilege_io_range_limit> io_ranges{};
    std::array<PhysicalRange, privilege_memory_range_limit> memory_ranges{};
};
static_assert(std::is_trivially_copyable_v<Privileges>);

inline constexpr std::uint32_t all_primitives = (1u << primitive_count) - 1;
// The kernel has room for the asynchronous messages of all services, not of all processes.
inline constexpr std::uint32_t user_primitives =
    all_primitives & ~(1u << static_cast<std::uint32_t>(Primitive::send_asynchronous));

} // namespace tessera
