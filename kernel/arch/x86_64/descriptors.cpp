// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/arch/x86_64/descriptors.h"
#include "kernel/arch/x86_64/entry.h"

namespace tessera::kernel::x86_64 {

namespace {

struct [[gnu::packed]] TablePointer {
    std::uint16_t limit;
    std::uint64_t base;
};

// Code and data: SDM 3.4.5; base and limit are ignored in 64-bit mode.
constexpr std::uint64_t kernel_code_segment = 0x00af'9b00'0000'ffff;
constexpr std::uint64_t kernel_data_segment = 0x00cf'9300'0000'ffff;
constexpr std::uint64_t user_code_segment = 0x00af'fb00'0000'ffff;
constexpr std::uint64_t user_data_segment = 0x00cf'f300'0000'ffff;
constexpr std::uint8_t interrupt_gate = 0x8e; // present, ring 0, interrupts off

constexpr std::size_t nmi = 2, double_fault = 8, machine_check = 18;

Gate gate_to(std::uint64_t target, std::uint8_t stack) {
    return {.offset_low = static_cast<std::uint16_t>(target),
            .selector = static_cast<std::uint16_t>(Selector::kernel_code),
            .stack = stack,
            .type = interrupt_gate,
            .offset_middle = static_cast<std::uint16_t>(target >> 16),
            .offset_high = static_cast<std::uint32_t>(target >> 32)};
}

} // namespace

void Descriptors::load(std::uint64_t kernel_stack, std::uint64_t fault_stack) {
    const auto task = reinterpret_cast<std::uint64_t>(&task_state);
    constexpr std::uint64_t task_type = 0x89ull << 40; // available 64-bit task state
    segments = {0,
                kernel_code_segment,
                kernel_data_segment,
                user_data_segment,
                user_code_segment,
                task_type | (sizeof(TaskState) - 1) | (task & 0xff'ffff) << 16 | (task >> 24 & 0xff) << 56,
                task >> 32};
    task_state.stack0 = kernel_stack;
    task_state.interrupt_stacks[0] = fault_stack;
    for (std::size_t vector = 0; vector < vector_count; ++vector) {
        const bool own_stack = vector == nmi || vector == double_fault || vector == machine_check;
        gates[vector] = gate_to(vector_entry(vector), own_stack ? 1 : 0);
    }
    const TablePointer segment_table{sizeof(segments) - 1, reinterpret_cast<std::uint64_t>(segments.data())};
    const TablePointer gate_table{sizeof(gates) - 1, reinterpret_cast<std::uint64_t>(gates.data())};
    asm volatile("lgdt %0\n"
                 "lidt %1\n"
                 "pushq %2\n"
                 "leaq 1f(%%rip), %%rax\n"
                 "pushq %%rax\n"
                 "lretq\n"
                 "1:\n"
                 "mov %3, %%ss\n"
                 "xor %%eax, %%eax\n"
                 "mov %%eax, %%ds\n"
                 "mov %%eax, %%es\n"
                 "mov %%eax, %%fs\n"
                 "mov %%eax, %%gs\n"
                 "ltr %4\n"
                 :
                 : "m"(segment_table), "m"(gate_table), "i"(Selector::kernel_code), "r"(Selector::kernel_data),
                   "r"(Selector::task_state)
                 : "rax", "memory");
}

} // namespace tessera::kernel::x86_64
