// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The stack that a program finds at its entry: arguments, an empty environment and the auxiliary vector (System V ABI,
// AMD64 supplement, section 3.4.1).

#include "boot/elf_image.h"
#include "kernel/abi/result.h"
#include <array>
#include <cstddef>
#include <span>

namespace tessera::vm {

inline constexpr std::size_t argument_bytes_limit = 4096;
inline constexpr std::size_t random_seed_bytes = 16;
using RandomSeed = std::array<std::byte, random_seed_bytes>; // for AT_RANDOM

class FirstStack {
public:
    static constexpr std::uint64_t limit = 4 * page_bytes;

    // `arguments`: strings, each with a NUL at its end (the last one may go without); none gives one empty argv[0].
    // too_big: more than `limit` bytes of stack.
    Completion build(std::span<const std::byte> arguments, const boot::ElfImage& image, const RandomSeed& seed);

    VirtualAddress pointer() const;                                                                // 16-byte aligned
    std::span<const std::byte> bytes() const { return std::span(buffer_).subspan(limit - used_); } // from `pointer` up

private:
    std::array<std::byte, limit> buffer_{}; // ends where the stack does
    std::uint64_t used_ = 0;
};

} // namespace tessera::vm
