// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// What the kernel puts on the stack of a process when it delivers a signal, and takes back with signal_return. The
// process runs at its entry then, as if that function had been called with the address of the frame.

#include "kernel/abi/message.h"
#include "kernel/abi/process.h"
#include "kernel/abi/signals.h"
#include "kernel/abi/strong.h"
#include <cstddef>

namespace tessera {

// x87, SSE and AVX registers in the standard form of XSAVE (SDM volume 1, 13.4); without XSAVE its first 512 bytes, the
// FXSAVE area. Larger register sets stay switched off.
inline constexpr std::size_t extended_state_bytes = 832;

// Those that message.h names by role, and the rest: rbx, rbp, r15, rcx, r11.
struct SavedRegisters {
    std::uint64_t operation = 0;
    std::uint64_t peer = 0;
    Message message;
    std::array<std::uint64_t, 5> others{};
    std::uint64_t instruction_pointer = 0;
    std::uint64_t flags = 0;
    std::uint64_t stack_pointer = 0;
};

// Below the stack pointer a program may keep 128 bytes (System V ABI, AMD64 supplement, 3.2.2).
inline constexpr std::uint64_t red_zone_bytes = 128;

struct alignas(64) SignalFrame {
    SignalSet mask{};         // as it was before, and is again after signal_return
    std::uint64_t detail = 0; // of `cause`: page_fault: the address; other_exception: the vector
    Signal signal{};
    DeathCause cause{}; // what the processor refused, and would have ended the process; none: the signal was posted
    std::array<std::uint8_t, 6> reserved{};
    std::uint64_t reserved_word = 0;
    SavedRegisters registers;
    alignas(64) std::array<std::byte, extended_state_bytes> extended{};
};
static_assert(sizeof(SignalFrame) == 1024);

} // namespace tessera
