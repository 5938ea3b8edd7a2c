// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// What a Multiboot2 loader tells: command line, memory map, the module, the screen, the firmware.
// Specification 2.0, 3.4 and 3.6. Works on any span of bytes, trusts no size in it, and runs in host tests.

#include "kernel/abi/boot_info.h"
#include "kernel/abi/result.h"
#include <cstddef>
#include <span>
#include <string_view>

namespace tessera::boot {

inline constexpr std::uint32_t multiboot2_magic = 0x36d7'6289; // in EAX at entry

struct LoaderInformation {
    std::string_view command_line;
    PhysicalAddress archive;
    std::uint64_t archive_bytes = 0; // 0: no module
    TextScreen screen;
    Firmware firmware = Firmware::bios;
    std::span<const std::byte> acpi_root_pointer;         // RSDP, the newer of two; empty: none
    std::array<MemoryRange, memory_range_limit> memory{}; // free or reserved, as the firmware says, in its order
    std::size_t memory_count = 0;
    bool memory_truncated = false; // there were more ranges than fit; the rest is left unused

    // damaged: a tag runs over the end, or there is no memory map.
    static Result<LoaderInformation> parse(std::span<const std::byte> bytes);
};

} // namespace tessera::boot
