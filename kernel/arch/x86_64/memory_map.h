// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Kernel space: the last top-level entry and the two window entries. docs/memory-map.md draws it.

#include "kernel/abi/strong.h"
#include "kernel/core/limits.h"

namespace tessera::kernel::x86_64 {

inline constexpr std::uint64_t kernel_base =
    0xffff'ffff'8000'0000;                                // virtual = physical + this, for the kernel's two pages
inline constexpr std::uint64_t text_physical = 0x20'0000; // one 2 MiB page, read-execute, global
inline constexpr std::uint64_t data_physical = 0x40'0000; // one 2 MiB page, read-write, global
inline constexpr std::uint64_t fixed_base = kernel_base + 0x60'0000; // 4 KiB pages that the kernel maps for itself

inline constexpr std::uint64_t window_slot_source = 508;
inline constexpr std::uint64_t window_slot_destination = 509;
inline constexpr std::uint64_t slot_address(std::uint64_t slot) { return 0xffff'0000'0000'0000 | slot << 39; }

// Pages of the fixed area; a hole before each stack catches its overflow.
enum class FixedPage : std::uint64_t {
    stack = 1, // four pages
    double_fault_stack = 6,
    root_entries = 8,
    text_screen = 9,
    local_apic = 10,
    io_apic = 11,
};
inline constexpr std::uint64_t fixed_address(FixedPage page) {
    return fixed_base + static_cast<std::uint64_t>(page) * page_bytes;
}

// Whether `bytes` at `address` lie in memory where the kernel's own stacks can be, all of which is mapped.
inline constexpr bool holds_stacks(std::uint64_t address, std::uint64_t bytes) {
    const auto in = [&](std::uint64_t begin, std::uint64_t size) {
        return address >= begin && address - begin <= size - bytes;
    };
    return in(kernel_base + data_physical, large_page_bytes) ||
           in(fixed_address(FixedPage::stack), kernel_stack_bytes) ||
           in(fixed_address(FixedPage::double_fault_stack), page_bytes);
}
static_assert(holds_stacks(fixed_address(FixedPage::stack) + kernel_stack_bytes - 16, 16));
static_assert(!holds_stacks(fixed_address(FixedPage::stack) + kernel_stack_bytes - 8, 16)); // into the hole
static_assert(!holds_stacks(fixed_address(FixedPage::stack) - 8, 16));
static_assert(!holds_stacks(kernel_base + data_physical + large_page_bytes - 8, 16) && !holds_stacks(~7ull, 16));

} // namespace tessera::kernel::x86_64
