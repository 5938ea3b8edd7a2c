// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Makes pages of VM's own memory read-only and writable again. Slabs have one when VM checks itself: a stray write is
// then a fault at the instruction that does it.

#include "kernel/abi/result.h"
#include <cstddef>
#include <string_view>

namespace tessera::vm {

class PageGuard {
public:
    // Makes sure that the page can be locked by itself, and notes whose it is: who reads of a fault in it wants to
    // know. out_of_memory.
    virtual Completion admit(const std::byte* page, std::string_view owner) = 0;

    virtual void lock(const std::byte* page) = 0;
    virtual void unlock(const std::byte* page) = 0;

protected:
    ~PageGuard() = default;
};

} // namespace tessera::vm
