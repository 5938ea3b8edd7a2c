// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Address spaces as the kernel sees them: one 8-byte root entry stands for a whole process (charter, section 4). The
// kernel neither walks nor changes page tables of processes; it installs root entries, in the user slot to run a
// process and in a window slot to copy.

#include "kernel/abi/strong.h"
#include "kernel/arch/contract/context.h"
#include <cstddef>
#include <cstdint>

namespace tessera::kernel::arch {

struct RootEntry {
    std::uint64_t raw = 0; // 0: no address space
    constexpr bool present() const { return raw != 0; }
    constexpr bool operator==(const RootEntry&) const = default;
};

// Makes the space of process slot `slot` the loaded one, with no translation cached for that slot, and notes in the
// context how to load it again with those that will be.
void load_space(UserContext& context, std::uint32_t slot, RootEntry entry);
// Loads it again.
void resume_space(const UserContext& context);

// The page of root entries that VM shares; nothing is readable before the first call.
void map_root_entries(PhysicalAddress page);
RootEntry root_entry(std::uint32_t slot);

enum class CopySide : std::uint8_t { none, source, destination };

// Where a copy stopped at a page fault; `none` when it went through. Bytes before the fault may have been copied.
struct CopyFault {
    CopySide side = CopySide::none;
    VirtualAddress address{};
    constexpr bool occurred() const { return side != CopySide::none; }
};

// Addresses must lie in user space with their whole range: checked by the caller (core/copies).
CopyFault copy_between(RootEntry source, VirtualAddress from, RootEntry destination, VirtualAddress to,
                       std::uint64_t bytes);
CopyFault copy_in(RootEntry source, VirtualAddress from, void* to, std::uint64_t bytes);
CopyFault copy_out(const void* from, RootEntry destination, VirtualAddress to, std::uint64_t bytes);
CopyFault fill(RootEntry destination, VirtualAddress to, std::byte value, std::uint64_t bytes);
// Adds one to an aligned word of a user, if its page is there and can be written.
void count_up(RootEntry destination, VirtualAddress word);

} // namespace tessera::kernel::arch
