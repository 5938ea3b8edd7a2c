// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// VM's view of all RAM, page by page: the boot stage made it of large pages; those in which a page is to be locked are
// split, and stay so.

#include "servers/vm/frame_allocator.h"
#include "servers/vm/kernel_interface.h"
#include "servers/vm/page_entry.h"
#include "servers/vm/page_guard.h"

namespace tessera::vm {

class OwnView final : public PageGuard {
public:
    // `root_entry` is that of VM's own space.
    OwnView(FrameAllocator& frames, KernelInterface& kernel, PageEntry root_entry)
        : frames_(frames),
          kernel_(kernel),
          root_entry_(root_entry) {}

    Completion admit(const std::byte* page, std::string_view owner) override;
    void lock(const std::byte* page) override { set_access(page, PageAccess::read); }
    void unlock(const std::byte* page) override { set_access(page, PageAccess::read_write); }

private:
    volatile std::uint64_t& directory_entry(PhysicalAddress page) const;
    Completion split(volatile std::uint64_t& entry);
    void set_access(const std::byte* page, PageAccess access);

    FrameAllocator& frames_;
    KernelInterface& kernel_;
    PageEntry root_entry_;
};

} // namespace tessera::vm
