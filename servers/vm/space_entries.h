// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The innermost parts of Space, which a fork runs for each page of a process.

#include "servers/vm/space.h"

namespace tessera::vm {

// Enters and charges a page; its reference goes when that fails. out_of_memory.
[[gnu::always_inline]] inline Completion Space::add_entry(PageTable<SpaceTables>::Filler& filler, const Region& region,
                                                          VirtualAddress page, PageEntry entry) {
    const bool charged = region.type->charge() == MemoryType::Charge::process;
    Completion result = charged ? budget_.take() : Completion{Done{}};
    if (result.has_value()) {
        result = filler.set(page, entry);
        if (result.has_value()) {
            if (charged) ++resident_pages_;
            return result;
        }
        if (charged) budget_.give();
    }
    region.type->release(entry.address(), condemned_);
    environment_.frames.free(condemned_); // no processor ever saw it
    return result;
}

} // namespace tessera::vm
