// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Physical memory for unit tests: an array that starts as garbage, so that a page nobody cleared is noticed.

#include "servers/vm/physical_view.h"
#include <cstdlib>
#include <memory>

namespace tessera::tests {

class MemoryArena {
public:
    explicit MemoryArena(std::uint64_t pages)
        : bytes_(pages * page_bytes),
          memory_(static_cast<std::byte*>(std::aligned_alloc(page_bytes, bytes_))) {
        std::memset(memory_.get(), 0xa5, bytes_);
    }

    vm::PhysicalView view() const { return vm::PhysicalView(memory_.get()); }
    std::uint64_t pages() const { return bytes_ / page_bytes; }

private:
    struct Free {
        void operator()(std::byte* memory) const { std::free(memory); }
    };
    std::uint64_t bytes_;
    std::unique_ptr<std::byte, Free> memory_;
};

} // namespace tessera::tests
