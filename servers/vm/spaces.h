// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// All address spaces by process slot, and the page of root entries that VM shares with the kernel: entry i stands for
// the memory of the process in slot i.

#include "kernel/abi/process.h"
#include "servers/vm/contiguous_pool.h"
#include "servers/vm/space.h"
#include <array>
#include <optional>

namespace tessera::vm {

// A space and what its process has beside it.
struct ProcessMemory {
    ProcessMemory(const SpaceEnvironment& environment, Endpoint owner, std::uint32_t budget_pages)
        : space(environment, owner, budget_pages) {}

    Space space;
    Privileges privileges; // as of when they were last asked for: a dead process has none
    std::optional<ContiguousBlock> contiguous;
    bool inherited = false; // its preserved and contiguous memory came from a predecessor
};

struct SpaceRequest {
    Endpoint process;
    Endpoint inherit_from; // or none
    std::uint32_t budget_pages = 0;
    std::uint32_t preserved_pages = 0;
    std::uint32_t contiguous_pages = 0;
};

class Spaces {
public:
    // Announces the page of root entries, with VM's own in it. fatal when the kernel refuses it. Every space has the
    // kernel's `clock_page`.
    Spaces(const SpaceEnvironment& environment, SlabPages& pages, PageEntry vm_root_entry, PhysicalAddress clock_page);
    Spaces(const Spaces&) = delete;
    Spaces& operator=(const Spaces&) = delete;

    // dead_endpoint, exists, out_of_memory; not_permitted: the predecessor runs.
    Result<ProcessMemory*> create(const SpaceRequest& request);

    // no_such; busy: it runs.
    Completion destroy(Endpoint process);

    // Gives `child` a copy of the space of a process and lets it go on. exists, out_of_memory, dead_endpoint; invalid:
    // memory that cannot be had twice.
    Completion fork(ProcessMemory& parent, Endpoint child);

    // An empty space for the same process, beside the one that it has. invalid: it has memory that nobody else may
    // have, a device's for one; out_of_memory. It must be put in place or discarded.
    Result<ProcessMemory*> create_second(const ProcessMemory& memory);
    void discard(ProcessMemory& second) { memory_.destroy(second); }
    // The second space becomes that of the process, which starts in it; the first is gone. dead_endpoint: no change.
    Completion put_in_place(ProcessMemory& second, VirtualAddress entry, VirtualAddress stack);

    // Maps a contiguous block for a device in a free range of the window. out_of_memory.
    Result<const Region*> map_device_buffer(ProcessMemory& memory, const ContiguousRequest& request,
                                            AddressRange window);

    // nullptr when VM has no space of that process. It may be changed up to the end of the request (slab.h).
    ProcessMemory* find(Endpoint process);
    Space* space(Endpoint process) {
        ProcessMemory* memory = find(process);
        return memory == nullptr ? nullptr : &memory->space;
    }

    // Whichever process has it; nullptr: none that VM made.
    const ProcessMemory* in_slot(std::uint32_t slot) const { return by_slot_[slot]; }

    // Asks the kernel for the privileges of a process; keeps the last ones when it is dead.
    void refresh_privileges(ProcessMemory& memory);

    // Calls `visitor(const ProcessMemory&)` for each.
    template <class Visitor> void for_each(Visitor&& visitor) const {
        for (const ProcessMemory* memory : by_slot_)
            if (memory != nullptr) visitor(*memory);
    }
    PhysicalAddress root_entries() const { return root_entries_; }
    PageEntry root_entry(std::uint32_t slot) const;
    const ContiguousPool& contiguous_pool() const { return contiguous_pool_; }
    const SlabCore& records() const { return memory_.core(); }

    std::uint32_t count() const { return static_cast<std::uint32_t>(memory_.objects()); }

private:
    Result<ProcessMemory*> create_empty(Endpoint process, std::uint32_t budget_pages);
    Completion make_room(Endpoint process);
    void install(ProcessMemory& memory);
    void uninstall(const ProcessMemory& memory);
    Completion fill(ProcessMemory& memory, const SpaceRequest& request);
    Completion add_clock(ProcessMemory& memory);
    Completion add_preserved(ProcessMemory& memory, std::uint64_t pages);
    Completion add_contiguous(ProcessMemory& memory, std::uint64_t pages);
    Completion inherit(ProcessMemory& memory, const ProcessMemory& predecessor);
    void hand_over(ProcessMemory& predecessor);
    void leave_device_buffers(const ProcessMemory& memory);
    void set_root_entry(std::uint32_t slot, PageEntry entry);
    void drop(ProcessMemory& memory);

    SpaceEnvironment environment_;
    ContiguousPool contiguous_pool_;
    Slab<ProcessMemory> memory_;
    std::array<ProcessMemory*, process_limit> by_slot_{};
    PhysicalAddress clock_page_;
    PhysicalAddress root_entries_;
};

} // namespace tessera::vm
