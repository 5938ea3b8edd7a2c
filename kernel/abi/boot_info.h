// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// What the boot stage hands over: to the kernel, and by a read-only page at user_layout::boot_info to VM.

#include "kernel/abi/interrupt_controllers.h"
#include "kernel/abi/strong.h"
#include <array>
#include <cstdint>

namespace tessera {

enum class MemoryKind : std::uint32_t {
    free = 0,   // RAM that VM may hand out
    kernel = 1, // the kernel's two large pages
    boot_archive = 2,
    vm_image = 3, // pages and page tables of VM, made by the boot stage
    reserved = 4, // firmware, devices, holes reported by the loader
};

struct MemoryRange {
    PhysicalAddress base;
    std::uint64_t bytes = 0;
    MemoryKind kind = MemoryKind::reserved;
    std::uint32_t padding = 0;
};

enum class Firmware : std::uint32_t { bios = 0, uefi = 1 };

struct TextScreen {
    PhysicalAddress base; // 0xb8000 text cells, or a linear frame buffer
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    std::uint32_t pitch = 0;         // bytes a line
    std::uint32_t bits_per_cell = 0; // 16 = VGA text cells; 24 or 32 = pixels; 0 = no screen
};

inline constexpr std::uint32_t boot_info_version = 2;
inline constexpr std::size_t memory_range_limit = 96;
inline constexpr std::size_t command_line_limit = 256;

struct BootInfo {
    std::uint32_t version = boot_info_version;
    Firmware firmware = Firmware::bios;
    std::uint32_t range_count = 0;
    std::uint32_t padding = 0;
    PhysicalAddress archive; // page aligned
    std::uint64_t archive_bytes = 0;
    PhysicalAddress clock_page;       // the kernel's, for every process to read at user_layout::clock
    PhysicalAddress root_entries;     // the page of root entries that the boot stage began; VM's is filled in
    std::uint64_t vm_root_entry = 0;  // the entry itself
    std::uint64_t physical_limit = 0; // end of the highest RAM range
    VirtualAddress vm_entry;          // where VM starts
    VirtualAddress vm_stack;          // its first stack pointer
    TextScreen screen;
    InterruptControllers interrupt_controllers;
    // Sorted by base, page aligned, without overlap; `free` ranges hold nothing that is in use.
    std::array<MemoryRange, memory_range_limit> ranges{};
    std::array<char, command_line_limit> command_line{}; // NUL-terminated
};

} // namespace tessera

static_assert(sizeof(tessera::BootInfo) <= tessera::page_bytes);
