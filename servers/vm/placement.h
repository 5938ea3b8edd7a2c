// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Where in its address space a process may map memory.

#include "boot/elf_image.h"
#include "kernel/abi/user_layout.h"
#include "servers/vm/space.h"

namespace tessera::vm {

// At an address that it says, and where VM puts what has none.
inline constexpr AddressRange mappable{boot::ElfImage::lowest, user_layout::anonymous_end};
inline constexpr AddressRange anywhere{user_layout::anonymous, user_layout::anonymous_end};

// The range that a process asks for. invalid: not at a page, or where nothing may be mapped.
inline Result<AddressRange> mappable_range(VirtualAddress address, std::uint64_t bytes) {
    const auto range = page_range(address, bytes, mappable.end);
    if (!range || !mappable.contains(*range)) return Status::invalid;
    return *range;
}

// The lowest free range. out_of_memory.
inline Result<AddressRange> free_range(const Space& space, std::uint64_t bytes) {
    const auto gap = space.regions().gap(pages_for(bytes) * page_bytes, anywhere);
    if (!gap) return Status::out_of_memory;
    return *gap;
}

} // namespace tessera::vm
