// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Pages for VM's own objects.

#include "servers/vm/frame_allocator.h"
#include "servers/vm/page_guard.h"
#include "servers/vm/slab.h"

namespace tessera::vm {

class OwnPages final : public SlabPages {
public:
    // `guard`: nullptr when the pages are not to be guarded.
    explicit OwnPages(FrameAllocator& frames, PageGuard* guard = nullptr) : frames_(frames), guard_(guard) {}

    std::byte* take_page() override {
        const auto frame = frames_.allocate(FrameUse::vm_own);
        return frame.has_value() ? frames_.view().at(*frame) : nullptr;
    }
    void return_page(std::byte* page) override { frames_.release(frames_.view().address_of(page)); }
    bool fails() override { return frames_.failures().next(); }
    PageGuard* guard() override { return guard_; }

private:
    FrameAllocator& frames_;
    PageGuard* guard_;
};

} // namespace tessera::vm
