// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Pages for VM's own objects.

#include "servers/vm/frame_allocator.h"
#include "servers/vm/slab.h"

namespace tessera::vm {

class OwnPages final : public SlabPages {
public:
    explicit OwnPages(FrameAllocator& frames) : frames_(frames) {}
    std::byte* take_page() override {
        const auto frame = frames_.allocate(FrameUse::vm_own);
        return frame.has_value() ? frames_.view().at(*frame) : nullptr;
    }
    void return_page(std::byte* page) override { frames_.release(frames_.view().address_of(page)); }

private:
    FrameAllocator& frames_;
};

} // namespace tessera::vm
