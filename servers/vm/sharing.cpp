// SPDX-License-Identifier: BSD-3-Clause
#include "servers/vm/sharing.h"
#include <algorithm>

namespace tessera::vm {

using namespace protocol::vm;

namespace {

// Page tables have a part of an address space each.
constexpr VirtualAddress next_part(VirtualAddress page) {
    return {(page.value / large_page_bytes + 1) * large_page_bytes};
}

} // namespace

// Calls `visitor(VirtualAddress, PhysicalAddress)` for each page in use, as far as the looks last. Where it stopped: at
// the end of the range, or at a page that is not done.
template <class Visitor> VirtualAddress SharingScan::walk(const Space& space, AddressRange range, Visitor&& visitor) {
    VirtualAddress page = range.start;
    while (page < range.end && looks_left_ > 0) {
        look();
        const auto place = space.table().locate(page);
        if (!place) {
            page = std::min(range.end, next_part(page));
            continue;
        }
        const PageEntry entry = space.table().read(*place);
        if (!entry.empty() && visitor(page, entry.address()) == Walk::stop) return page;
        page = page + page_bytes;
    }
    return page;
}

// In how many places a frame is in page tables. The object whose memory it is, and VM for the boot archive, have a
// reference without one.
std::uint32_t SharingScan::mappings(const Region& region, PhysicalAddress frame) const {
    if (region.type->keeper() == MemoryType::Keeper::others) return 1;
    const bool kept = region.object != nullptr || frames_.use_of(frame) == FrameUse::archive;
    return frames_.references(frame) - (kept ? 1 : 0);
}

PagesCount::Reply SharingScan::count(const Space& space, const Region& region, VirtualAddress from) {
    PagesCount::Reply reply{.end = region.range.end, .resident = 0, .shared = 0};
    const bool counted =
        region.type->keeper() == MemoryType::Keeper::references || region.type->charge() == MemoryType::Charge::process;
    if (!counted) return reply; // nobody's: registers of a device, the boot archive as it is
    reply.end = walk(space, {from, region.range.end}, [&](VirtualAddress, PhysicalAddress frame) {
        ++reply.resident;
        if (mappings(region, frame) > 1) ++reply.shared;
        return Walk::go_on;
    });
    return reply;
}

Result<SharedRunNext::Reply> SharingScan::next_run(std::uint32_t slot, VirtualAddress from) {
    for (; slot < process_limit; ++slot, from = {}) {
        const ProcessMemory* memory = spaces_.in_slot(slot);
        if (memory == nullptr) continue;
        Run run{.next = from, .slot = static_cast<std::uint16_t>(slot)};
        if (find_run(memory->space, from, run)) return run;
    }
    return Status::no_entry;
}

// Whether there is an answer: a run, which lies in one region, or a place to go on from.
bool SharingScan::find_run(const Space& space, VirtualAddress from, Run& run) {
    const Region* region = space.regions().ending_above(from);
    for (; region != nullptr; region = RegionMap::next(*region)) {
        look();
        if (region->type->fork() != MemoryType::Fork::copy) continue;
        const AddressRange range{std::max(from, region->range.start), region->range.end};
        run.next = walk(space, range, [&](VirtualAddress page, PhysicalAddress frame) {
            if (mappings(*region, frame) > 1) return add_page(run, page, frame);
            return run.pages > 0 ? Walk::stop : Walk::go_on;
        });
        if (run.pages > 0 || looks_left_ == 0) return true;
    }
    return false;
}

SharingScan::Walk SharingScan::add_page(Run& run, VirtualAddress page, PhysicalAddress frame) {
    const bool adjacent = run.pages > 0 && page == run.start + run.pages * page_bytes;
    if (run.pages > 0 && !adjacent) return Walk::stop;
    const ProcessSet processes = holders(page, frame);
    const SharingReason reason =
        frames_.use_of(frame) == FrameUse::archive ? SharingReason::image : SharingReason::fork;
    const bool told_here = processes.next(0) == run.slot && processes.size() > 1;
    if (run.pages > 0 && (!told_here || processes != run.processes || reason != run.reason)) return Walk::stop;
    if (!told_here) return Walk::go_on;
    if (run.pages == 0) {
        run.start = page;
        run.processes = processes;
        run.reason = reason;
    }
    ++run.pages;
    return Walk::go_on;
}

SharingScan::ProcessSet SharingScan::holders(VirtualAddress page, PhysicalAddress frame) {
    ProcessSet processes;
    spaces_.for_each([&](const ProcessMemory& memory) {
        look();
        const PageEntry entry = memory.space.table().find(page);
        if (!entry.empty() && entry.address() == frame) processes.add(memory.space.owner().slot());
    });
    return processes;
}

Result<SharedMemoryNext::Reply> SharingScan::next_shared_memory(std::uint64_t identity, std::uint32_t slot) {
    const SharedObject* found = nullptr;
    shared_.for_each([&](const SharedObject& object) {
        if (object.identity().value < identity) return;
        if (found == nullptr || object.identity() < found->identity()) found = &object;
    });
    if (found == nullptr) return Status::no_entry;
    SharedMemoryNext::Reply reply{.identity = found->identity().value,
                                  .pages = found->pages(),
                                  .resident_pages = found->resident_pages(),
                                  .maker = found->maker(),
                                  .slot = slot};
    for (; reply.slot < process_limit && looks_left_ > 0; ++reply.slot) {
        const ProcessMemory* memory = spaces_.in_slot(reply.slot);
        if (memory != nullptr && has_mapped(memory->space, *found)) reply.processes.add(reply.slot);
    }
    return reply;
}

bool SharingScan::has_mapped(const Space& space, const SharedObject& object) {
    for (const Region* region = space.regions().first(); region != nullptr; region = RegionMap::next(*region)) {
        look();
        if (region->object == &object) return true;
    }
    return false;
}

} // namespace tessera::vm
