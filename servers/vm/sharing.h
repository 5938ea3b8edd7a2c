// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Which pages several processes have, which processes these are, and why.
//
// VM keeps no list of who has a frame: nothing but these answers would use it, and every page of every fork would pay
// for it. Who has a page can be found without: a frame that is shared by fork, or as a page of a program, is at the
// same address in all processes that have it, since nothing moves private memory and a program is loaded where it is
// linked. Shared memory is at any address, and its regions name it. So an answer costs one look into each space for
// each page that is shared, and only for these. Maps of granted memory have records of their own; of pages that a large
// copy shares it is told that they are shared, and not with whom.

#include "servers/protocols/vm_information.h"
#include "servers/vm/spaces.h"

namespace tessera::vm {

class SharingScan {
public:
    // Looks into page tables, or at regions, that one request may cost, but for the end of what it has begun: a page,
    // or the regions of one space.
    static constexpr std::uint32_t looks_at_once = 8192;

    SharingScan(const Spaces& spaces, const FrameAllocator& frames, const SharedObjects& shared)
        : spaces_(spaces),
          frames_(frames),
          shared_(shared) {}

    // From an address of the region on.
    protocol::vm::PagesCount::Reply count(const Space& space, const Region& region, VirtualAddress from);

    // no_entry.
    Result<protocol::vm::SharedRunNext::Reply> next_run(std::uint32_t slot, VirtualAddress from);

    // no_entry.
    Result<protocol::vm::SharedMemoryNext::Reply> next_shared_memory(std::uint64_t identity, std::uint32_t slot);

private:
    using Run = protocol::vm::SharedRunNext::Reply;
    using ProcessSet = protocol::vm::ProcessSet;
    enum class Walk : std::uint8_t { go_on, stop };

    template <class Visitor> VirtualAddress walk(const Space& space, AddressRange range, Visitor&& visitor);
    void look() { looks_left_ -= looks_left_ > 0 ? 1 : 0; }
    bool find_run(const Space& space, VirtualAddress from, Run& run);
    Walk add_page(Run& run, VirtualAddress page, PhysicalAddress frame);
    ProcessSet holders(VirtualAddress page, PhysicalAddress frame);
    std::uint32_t mappings(const Region& region, PhysicalAddress frame) const;
    bool has_mapped(const Space& space, const SharedObject& object);

    const Spaces& spaces_;
    const FrameAllocator& frames_;
    const SharedObjects& shared_;
    std::uint32_t looks_left_ = looks_at_once;
};

} // namespace tessera::vm
