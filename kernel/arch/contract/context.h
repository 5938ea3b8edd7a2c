// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The saved user-mode state of a process, named by role. Which register plays which role is the machine's business
// (kernel/abi/message.h for the message registers).

#include "kernel/abi/message.h"
#include "kernel/abi/signal_frame.h"
#include "kernel/abi/strong.h"
#include <array>
#include <cstddef>
#include <cstdint>

namespace tessera::kernel::arch {

// How the process entered the kernel, and so how it can leave.
enum class EntryKind : std::uint64_t {
    interrupt = 0, // every register must come back
    call = 1,      // the two registers that the call instruction destroys need not
};

struct UserContext {
    std::uint64_t operation = 0;
    std::uint64_t peer = 0;
    Message message;
    std::array<std::uint64_t, 5> others{};
    std::uint64_t instruction_pointer = 0;
    std::uint64_t flags = 0;
    std::uint64_t stack_pointer = 0;
    EntryKind entry = EntryKind::interrupt;
    VirtualAddress thread_pointer{};
    std::uint64_t space = 0; // what load_space noted; 0: it must be loaded anew
};

struct alignas(64) ExtendedState {
    std::array<std::byte, extended_state_bytes> bytes{};
};

// The state in which a new program starts.
UserContext initial_context(VirtualAddress entry, VirtualAddress stack);
ExtendedState initial_extended_state();
// Keeps what is in the registers at `saved` (nullptr: nobody needs it) and loads the other.
void exchange_extended_state(ExtendedState* saved, const ExtendedState& loaded);
// Keeps what is in the registers.
void save_extended_state(ExtendedState& saved);
// What of these flags and registers, which a process has written, it may have; the rest is as at its start.
std::uint64_t permitted_flags(std::uint64_t flags);
void sanitise(ExtendedState& state);
void load_thread_pointer(VirtualAddress address);

} // namespace tessera::kernel::arch
