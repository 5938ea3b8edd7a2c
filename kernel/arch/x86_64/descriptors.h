// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Segments, task state and interrupt gates. Intel SDM volume 3A, 3.4.5, 7.7 and 6.14.

#include <array>
#include <cstdint>

namespace tessera::kernel::x86_64 {

// SYSCALL and SYSRET fix the order: kernel code, kernel data; user data, user code.
enum class Selector : std::uint16_t {
    kernel_code = 0x08,
    kernel_data = 0x10,
    user_data = 0x18 | 3,
    user_code = 0x20 | 3,
    task_state = 0x28,
};

struct [[gnu::packed]] TaskState {
    std::uint32_t reserved0 = 0;
    std::uint64_t stack0 = 0; // for entries from user mode
    std::array<std::uint64_t, 2> stacks{};
    std::uint64_t reserved1 = 0;
    std::array<std::uint64_t, 7> interrupt_stacks{};
    std::uint64_t reserved2 = 0;
    std::uint16_t reserved3 = 0;
    std::uint16_t io_map = sizeof(TaskState); // beyond the limit: no port is open to user mode
};
static_assert(sizeof(TaskState) == 104);

struct Gate {
    std::uint16_t offset_low = 0;
    std::uint16_t selector = 0;
    std::uint8_t stack = 0; // interrupt stack, 0 = none
    std::uint8_t type = 0;
    std::uint16_t offset_middle = 0;
    std::uint32_t offset_high = 0;
    std::uint32_t reserved = 0;
};
static_assert(sizeof(Gate) == 16);

inline constexpr std::size_t vector_count = 64; // 32 exceptions, 16 interrupt lines, those of the local APIC
inline constexpr std::uint8_t first_line_vector = 32;
inline constexpr std::uint8_t timer_vector = 48;
inline constexpr std::uint8_t spurious_vector = 63; // old processors want its low four bits set (SDM volume 3A, 11.9)

struct Descriptors {
    alignas(16) std::array<std::uint64_t, 7> segments{};
    TaskState task_state;
    alignas(16) std::array<Gate, vector_count> gates{};

    // Fills the tables and loads them. Double fault, NMI and machine check run on a stack of their own.
    void load(std::uint64_t kernel_stack, std::uint64_t fault_stack);
};

} // namespace tessera::kernel::x86_64
