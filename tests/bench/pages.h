// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Fresh memory for a measurement, and a write to a page of it.

#include "kernel/abi/strong.h"
#include <cstddef>
#include <sys/mman.h>

namespace tessera::bench {

// nullptr: there is none.
inline std::byte* map_pages(std::size_t pages) {
    void* const memory = mmap(nullptr, pages * page_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? nullptr : static_cast<std::byte*>(memory);
}

inline void touch(std::byte* address) { *static_cast<volatile std::byte*>(address) = std::byte{1}; }

} // namespace tessera::bench
