// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// How many pages a process may hold, page tables included, and how many it does.

#include "kernel/abi/result.h"
#include <cstdint>

namespace tessera::vm {

class Budget {
public:
    explicit Budget(std::uint32_t limit) : limit_(limit) {}

    Completion take() {
        if (used_ >= limit_) return Status::out_of_memory;
        ++used_;
        return Done{};
    }
    Completion take(std::uint32_t pages) {
        if (pages > left()) return Status::out_of_memory;
        used_ += pages;
        return Done{};
    }
    void give() { --used_; }
    void give(std::uint32_t pages) { used_ -= pages; }

    std::uint32_t limit() const { return limit_; }
    std::uint32_t used() const { return used_; }
    std::uint32_t left() const { return limit_ - used_; }

private:
    std::uint32_t limit_;
    std::uint32_t used_ = 0;
};

} // namespace tessera::vm
