// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Contents by which pages are told apart: every word of the page with the number n is `first + n`.

#include "kernel/abi/strong.h"
#include <algorithm>
#include <cstdint>
#include <span>

namespace tessera::target {

constexpr std::size_t page_words = page_bytes / sizeof(std::uint64_t);

inline void fill_pages(std::span<std::uint64_t> memory, std::uint64_t first) {
    for (std::size_t i = 0; i < memory.size(); ++i) memory[i] = first + i / page_words;
}

// How many pages are different. `head` is what the first word of each shall be; 0: as the others.
inline std::uint64_t different_pages(std::span<const std::uint64_t> memory, std::uint64_t first, std::uint64_t head) {
    std::uint64_t different = 0;
    for (; !memory.empty(); memory = memory.subspan(page_words), ++first) {
        const bool head_right = memory[0] == (head == 0 ? first : head);
        const auto rest = memory.first(page_words).subspan(1);
        if (!head_right || !std::ranges::all_of(rest, [&](std::uint64_t word) { return word == first; })) ++different;
    }
    return different;
}

} // namespace tessera::target
