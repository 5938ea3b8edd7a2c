// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// A page-table entry of any level. Intel SDM volume 3A, tables 4-15 to 4-20.

#include "kernel/abi/strong.h"
#include <cstdint>

namespace tessera::kernel::x86_64 {

namespace page_bits {
inline constexpr std::uint64_t present = 1ull << 0;
inline constexpr std::uint64_t writable = 1ull << 1;
inline constexpr std::uint64_t user = 1ull << 2;
inline constexpr std::uint64_t write_through = 1ull << 3;
inline constexpr std::uint64_t cache_disable = 1ull << 4; // with write_through: uncached (SDM volume 3A, table 12-11)
inline constexpr std::uint64_t large = 1ull << 7;         // in a page directory: maps 2 MiB
inline constexpr std::uint64_t global = 1ull << 8;
inline constexpr std::uint64_t no_execute = 1ull << 63;
} // namespace page_bits

using PageTable = std::uint64_t[512];

} // namespace tessera::kernel::x86_64
