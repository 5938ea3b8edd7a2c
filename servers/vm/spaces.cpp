// SPDX-License-Identifier: BSD-3-Clause
#include "servers/vm/spaces.h"
#include "kernel/abi/user_layout.h"
#include "servers/vm/fatal.h"

namespace tessera::vm {
namespace {

constexpr std::uint64_t bytes_of(std::uint64_t pages) { return pages * page_bytes; }

const Region* region_at(const Space& space, VirtualAddress address) { return space.regions().containing(address); }

std::uint64_t pages_at(const Space& space, VirtualAddress address) {
    const Region* region = region_at(space, address);
    return region == nullptr ? 0 : region->range.pages();
}

// Whether what the process asks for is what its predecessor has.
bool inherits(const ProcessMemory* predecessor, const SpaceRequest& request) {
    return predecessor != nullptr && request.preserved_pages + request.contiguous_pages > 0 &&
           pages_at(predecessor->space, user_layout::preserved) == request.preserved_pages &&
           pages_at(predecessor->space, user_layout::contiguous) == request.contiguous_pages;
}

} // namespace

static_assert(process_limit * sizeof(PageEntry) <= page_bytes);

Spaces::Spaces(const SpaceEnvironment& environment, SlabPages& pages, PageEntry vm_root_entry,
               PhysicalAddress clock_page)
    : environment_(environment),
      contiguous_pool_(environment.frames, pages),
      memory_(pages, "spaces"),
      clock_page_(clock_page) {
    const auto page = environment_.frames.allocate_cleared(FrameUse::page_table);
    if (!page.has_value()) fatal("no memory for the root entries");
    root_entries_ = *page;
    set_root_entry(endpoints::vm.slot(), vm_root_entry);
    if (!environment_.kernel.root_entries_set(root_entries_).has_value()) fatal("the kernel refused the root entries");
}

Result<ProcessMemory*> Spaces::create(const SpaceRequest& request) {
    TESSERA_TRY(make_room(request.process));
    const Privileges privileges = TESSERA_TRY(environment_.kernel.privileges(request.process));
    ProcessMemory* memory = TESSERA_TRY(create_empty(request.process, request.budget_pages));
    memory->privileges = privileges;
    const Completion filled = fill(*memory, request);
    if (!filled.has_value()) {
        discard(*memory);
        return filled.error();
    }
    install(*memory);
    return memory;
}

Completion Spaces::fork(ProcessMemory& parent, Endpoint child) {
    TESSERA_TRY(make_room(child));
    ProcessMemory* memory = TESSERA_TRY(create_empty(child, parent.space.budget().limit()));
    memory->privileges = parent.privileges;
    Completion result = memory->space.copy(parent.space);
    if (result.has_value()) {
        install(*memory);
        result = memory->space.attach_process();
        if (result.has_value()) return result;
        uninstall(*memory);
    }
    discard(*memory);
    return result;
}

Result<ProcessMemory*> Spaces::create_second(const ProcessMemory& memory) {
    for (const Region* region = memory.space.regions().first(); region != nullptr; region = RegionMap::next(*region))
        if (region->type->fork() == MemoryType::Fork::refuse) return Status::invalid;
    ProcessMemory* second = TESSERA_TRY(create_empty(memory.space.owner(), memory.space.budget().limit()));
    second->privileges = memory.privileges;
    return second;
}

Completion Spaces::put_in_place(ProcessMemory& second, VirtualAddress entry, VirtualAddress stack) {
    ProcessMemory& first = *by_slot_[second.space.owner().slot()];
    install(second);
    const Completion bound = second.space.bind(entry, stack);
    if (!bound.has_value()) {
        install(first);
        return bound;
    }
    memory_.destroy(first);
    return Done{};
}

// The space of an earlier process in the slot, which was never started, goes. dead_endpoint: no process of VM's;
// exists.
Completion Spaces::make_room(Endpoint process) {
    const std::uint32_t slot = process.slot();
    if (slot >= process_limit || process == endpoints::vm) return Status::dead_endpoint;
    ProcessMemory* present = by_slot_[slot];
    if (present == nullptr) return Done{};
    if (present->space.owner() == process) return Status::exists;
    drop(*present);
    return Done{};
}

// With what every space has.
Result<ProcessMemory*> Spaces::create_empty(Endpoint process, std::uint32_t budget_pages) {
    ProcessMemory* memory = memory_.create(environment_, process, budget_pages);
    if (memory == nullptr) return Status::out_of_memory;
    memory_.keep_open(*memory);
    Completion prepared = memory->space.create();
    if (prepared.has_value()) prepared = add_clock(*memory);
    if (prepared.has_value()) return memory;
    discard(*memory);
    return prepared.error();
}

void Spaces::install(ProcessMemory& memory) {
    const std::uint32_t slot = memory.space.owner().slot();
    by_slot_[slot] = &memory;
    set_root_entry(slot, memory.space.root_entry());
}

Completion Spaces::destroy(Endpoint process) {
    ProcessMemory* memory = find(process);
    if (memory == nullptr) return Status::no_such;
    TESSERA_TRY(memory->space.unbind());
    drop(*memory);
    return Done{};
}

ProcessMemory* Spaces::find(Endpoint process) {
    if (process.slot() >= process_limit) return nullptr;
    ProcessMemory* memory = by_slot_[process.slot()];
    if (memory == nullptr || memory->space.owner() != process) return nullptr;
    memory_.keep_open(*memory);
    return memory;
}

void Spaces::refresh_privileges(ProcessMemory& memory) {
    const auto privileges = environment_.kernel.privileges(memory.space.owner());
    if (privileges.has_value()) memory.privileges = *privileges;
}

Completion Spaces::fill(ProcessMemory& memory, const SpaceRequest& request) {
    ProcessMemory* predecessor = find(request.inherit_from);
    if (inherits(predecessor, request)) {
        if (!predecessor->space.unbind().has_value()) return Status::not_permitted;
        TESSERA_TRY(inherit(memory, *predecessor));
        hand_over(*predecessor);
        return Done{};
    }
    TESSERA_TRY(add_preserved(memory, request.preserved_pages));
    return add_contiguous(memory, request.contiguous_pages);
}

// At once: a process may read the time where VM must not wait for its fault.
Completion Spaces::add_clock(ProcessMemory& memory) {
    const AddressRange range{user_layout::clock, user_layout::clock + page_bytes};
    TESSERA_TRY(memory.space.map(
        {.range = range, .access = PageAccess::read, .type = &environment_.types.kernel, .backing = clock_page_}));
    return memory.space.populate(range);
}

Completion Spaces::add_preserved(ProcessMemory& memory, std::uint64_t pages) {
    if (pages == 0) return Done{};
    const AddressRange range{user_layout::preserved, user_layout::preserved + bytes_of(pages)};
    if (range.end > user_layout::contiguous) return Status::out_of_memory;
    TESSERA_TRY(
        memory.space.map({.range = range, .access = PageAccess::read_write, .type = &environment_.types.preserved}));
    return memory.space.populate(range);
}

Completion Spaces::add_contiguous(ProcessMemory& memory, std::uint64_t pages) {
    if (pages == 0) return Done{};
    const AddressRange range{user_layout::contiguous, user_layout::contiguous + bytes_of(pages)};
    if (range.end > user_layout::devices) return Status::out_of_memory;
    const ContiguousBlock block = TESSERA_TRY(contiguous_pool_.take(memory.privileges.service, pages));
    Completion result = memory.space.map({.range = range,
                                          .access = PageAccess::read_write,
                                          .type = &environment_.types.contiguous,
                                          .backing = block.base});
    if (result.has_value()) result = memory.space.populate(range);
    if (result.has_value())
        memory.contiguous = block;
    else
        contiguous_pool_.give_back(memory.privileges.service, block);
    return result;
}

Result<const Region*> Spaces::map_device_buffer(ProcessMemory& memory, const ContiguousRequest& request,
                                                AddressRange window) {
    Space& space = memory.space;
    if (request.pages > space.budget().left()) return Status::out_of_memory;
    const auto range = space.regions().gap(bytes_of(request.pages), window);
    if (!range) return Status::out_of_memory;
    const ContiguousBlock block = TESSERA_TRY(contiguous_pool_.take(memory.privileges.service, request));
    Completion result = space.map({.range = *range,
                                   .access = PageAccess::read_write,
                                   .type = &environment_.types.device_buffer,
                                   .backing = block.base});
    if (result.has_value()) result = space.populate(*range);
    const Region* region = space.regions().containing(range->start);
    if (!result.has_value()) {
        if (region != nullptr) space.remove(*region);
        contiguous_pool_.give_back(memory.privileges.service, block);
        return result.error();
    }
    for (std::uint64_t i = 0; i < block.pages; ++i) // the entries have theirs
        environment_.frames.release(block.base + i * page_bytes);
    return region;
}

// The device may still use them: one more reference keeps the frames when the space goes.
void Spaces::leave_device_buffers(const ProcessMemory& memory) {
    for (const Region* region = memory.space.regions().first(); region != nullptr; region = RegionMap::next(*region)) {
        if (region->type != &environment_.types.device_buffer) continue;
        for (std::uint64_t i = 0; i < region->range.pages(); ++i)
            environment_.frames.retain(region->backing + i * page_bytes);
        contiguous_pool_.leave(memory.privileges.service, {region->backing, region->range.pages()});
    }
}

Completion Spaces::inherit(ProcessMemory& memory, const ProcessMemory& predecessor) {
    for (const VirtualAddress address : {user_layout::preserved, user_layout::contiguous}) {
        const Region* region = region_at(predecessor.space, address);
        if (region == nullptr) continue;
        TESSERA_TRY(memory.space.map(
            {.range = region->range, .access = region->access, .type = region->type, .backing = region->backing}));
        TESSERA_TRY(memory.space.share(predecessor.space, *region));
    }
    memory.contiguous = predecessor.contiguous;
    memory.inherited = true;
    return Done{};
}

// The predecessor's half of `inherit`, which cannot fail.
void Spaces::hand_over(ProcessMemory& predecessor) {
    for (const VirtualAddress address : {user_layout::preserved, user_layout::contiguous})
        if (const Region* region = region_at(predecessor.space, address)) predecessor.space.remove(*region);
    predecessor.contiguous.reset();
}

void Spaces::set_root_entry(std::uint32_t slot, PageEntry entry) {
    auto* entries = reinterpret_cast<volatile std::uint64_t*>(environment_.frames.view().at(root_entries_));
    entries[slot] = entry.raw();
}

PageEntry Spaces::root_entry(std::uint32_t slot) const {
    const auto* entries = reinterpret_cast<const volatile std::uint64_t*>(environment_.frames.view().at(root_entries_));
    return PageEntry::from_raw(entries[slot]);
}

void Spaces::uninstall(const ProcessMemory& memory) {
    const std::uint32_t slot = memory.space.owner().slot();
    set_root_entry(slot, {});
    by_slot_[slot] = nullptr;
}

void Spaces::drop(ProcessMemory& memory) {
    uninstall(memory);
    leave_device_buffers(memory);
    if (memory.contiguous) contiguous_pool_.leave(memory.privileges.service, *memory.contiguous);
    memory_.destroy(memory);
}

} // namespace tessera::vm
