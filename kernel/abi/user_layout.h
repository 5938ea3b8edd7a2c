// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The fixed places of user space (the first top-level entry, 512 GiB). docs/memory-map.md draws them.

#include "kernel/abi/strong.h"

namespace tessera::user_layout {

inline constexpr std::uint64_t gib = 1024ull * 1024 * 1024;

inline constexpr VirtualAddress image{0x40'0000};              // programs are linked here
inline constexpr VirtualAddress anonymous{0x10'0000'0000};     // 64 GiB: mmap without a hint goes upwards from here
inline constexpr VirtualAddress anonymous_end{0x30'0000'0000}; // 192 GiB
inline constexpr VirtualAddress boot_archive{0x30'0000'0000};  // RS only, read-only
inline constexpr VirtualAddress preserved{0x38'0000'0000};     // memory that a restarted service finds again
inline constexpr VirtualAddress contiguous{0x39'0000'0000};    // memory for devices (DMA), kept over a restart too
inline constexpr VirtualAddress devices{0x3a'0000'0000};       // device registers
inline constexpr VirtualAddress boot_info{0x3f'0000'0000};     // VM only, one read-only page
inline constexpr VirtualAddress physical_view{0x40'0000'0000}; // VM only: all RAM but the kernel's pages, up to 64 GiB
inline constexpr std::uint64_t physical_view_bytes = 64 * gib;
inline constexpr VirtualAddress stack_end{0x7f'ffff'0000}; // first byte above every stack
inline constexpr std::uint64_t stack_bytes = 1024 * 1024;  // reserved; pages come on demand
inline constexpr VirtualAddress clock{0x7f'ffff'8000};     // all, one read-only page (kernel/abi/clock_page.h)
inline constexpr VirtualAddress end{0x80'0000'0000};       // first byte that is not user space

} // namespace tessera::user_layout
