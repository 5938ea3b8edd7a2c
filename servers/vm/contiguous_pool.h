// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Memory that devices read and write: one piece each, below 4 GiB.
//
// A block that its driver left behind is not freed: the device may still write to it. It waits here, counted as
// preserved, until the same service comes back and asks for the same size; to anybody else it is never given.

#include "kernel/abi/privileges.h"
#include "servers/vm/frame_allocator.h"
#include "servers/vm/slab.h"

namespace tessera::vm {

struct ContiguousBlock {
    enum class Origin : std::uint8_t { fresh, left_behind };

    PhysicalAddress base;
    std::uint64_t pages = 0;
    Origin origin = Origin::fresh;
};

class ContiguousPool {
public:
    static constexpr PhysicalAddress limit{1ull << 32}; // what every device can address

    ContiguousPool(FrameAllocator& frames, SlabPages& pages) : frames_(frames), records_(pages, "contiguous blocks") {}
    ContiguousPool(const ContiguousPool&) = delete;
    ContiguousPool& operator=(const ContiguousPool&) = delete;

    // A cleared block: what the service left behind, or a new one. out_of_memory.
    Result<ContiguousBlock> take(ServiceId service, const ContiguousRequest& request);
    Result<ContiguousBlock> take(ServiceId service, std::uint64_t pages) {
        return take(service, {.pages = pages, .limit = limit});
    }

    // Undoes `take`: the block was not used.
    void give_back(ServiceId service, ContiguousBlock block);

    // The driver of the block is gone; its device may still use it.
    void leave(ServiceId service, ContiguousBlock block);

    // Calls `visitor(const ContiguousBlock&)` for each block that waits here.
    template <class Visitor> void for_each_left(Visitor&& visitor) const {
        for (const LeftBlock* left = left_; left != nullptr; left = left->next) visitor(left->block);
    }
    const SlabCore& records() const { return records_.core(); }

private:
    struct LeftBlock {
        ServiceId service;
        ContiguousBlock block;
        LeftBlock* next;
    };

    void unlink(LeftBlock* before, const LeftBlock& left);

    FrameAllocator& frames_;
    Slab<LeftBlock> records_;
    LeftBlock* left_ = nullptr;
};

} // namespace tessera::vm
