// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The stack that a program finds at its entry: arguments, an empty environment and the auxiliary vector (System V ABI,
// AMD64 supplement, section 3.4.1).

#include "boot/elf_image.h"
#include "kernel/abi/result.h"
#include "servers/protocols/vm.h"
#include <array>
#include <cstddef>
#include <span>

namespace tessera::vm {

using protocol::vm::argument_bytes_limit;
inline constexpr std::size_t random_seed_bytes = 16;
using RandomSeed = std::array<std::byte, random_seed_bytes>; // for AT_RANDOM

// What a program is told: strings, each with a NUL at its end (the last one may go without). The first `count` are its
// arguments, the others its environment.
struct ProgramArguments {
    static constexpr std::uint64_t all = ~std::uint64_t{0};

    std::span<const std::byte> strings;
    std::uint64_t count = all;
};

class FirstStack {
public:
    static constexpr std::uint64_t limit = 4 * page_bytes;

    // too_big: more than `limit` bytes of stack; invalid: fewer strings than arguments.
    Completion build(const ProgramArguments& arguments, const boot::ElfImage& image, const RandomSeed& seed);

    VirtualAddress pointer() const;                                                                // 16-byte aligned
    std::span<const std::byte> bytes() const { return std::span(buffer_).subspan(limit - used_); } // from `pointer` up

private:
    std::array<std::byte, limit> buffer_; // ends where the stack does; only what is used is filled
    std::uint64_t used_ = 0;
};

} // namespace tessera::vm
