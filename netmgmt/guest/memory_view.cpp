// SPDX-License-Identifier: BSD-3-Clause
#include "netmgmt/guest/errors.h"
#include "netmgmt/guest/process_names.h"
#include "netmgmt/guest/server_views.h"
#include "servers/protocols/vm.h"

namespace tessera::netmgmt::guest {

namespace {

using namespace protocol::vm;

constexpr std::string_view vm_name = "vm";

template <class Operation> Result<typename Operation::Reply> ask(const typename Operation::Request& request = {}) {
    return runtime::call<VmProtocol, Operation>(endpoints::vm, request);
}

netmgmt::RegionKind kind_of(protocol::vm::RegionKind kind) {
    switch (kind) {
    case protocol::vm::RegionKind::code:
        return netmgmt::RegionKind::code;
    case protocol::vm::RegionKind::data:
        return netmgmt::RegionKind::data;
    case protocol::vm::RegionKind::stack:
        return netmgmt::RegionKind::stack;
    case protocol::vm::RegionKind::anonymous:
        return netmgmt::RegionKind::anonymous;
    case protocol::vm::RegionKind::device:
        return netmgmt::RegionKind::device;
    case protocol::vm::RegionKind::contiguous:
        return netmgmt::RegionKind::contiguous;
    case protocol::vm::RegionKind::preserved:
        return netmgmt::RegionKind::preserved;
    case protocol::vm::RegionKind::shared:
        return netmgmt::RegionKind::shared;
    case protocol::vm::RegionKind::heap:
        return netmgmt::RegionKind::heap;
    case protocol::vm::RegionKind::mapped:
        return netmgmt::RegionKind::mapped;
    case protocol::vm::RegionKind::archive:
    case protocol::vm::RegionKind::information:
        return netmgmt::RegionKind::information;
    }
    return netmgmt::RegionKind::information;
}

struct PageCounts {
    std::uint64_t resident = 0;
    std::uint64_t shared = 0;
};

/// Of one region, in as many questions as VM wants. A region that is gone meanwhile has no more.
PageCounts count_pages(Endpoint process, const RegionNext::Reply& region) {
    PageCounts sum;
    const VirtualAddress end = region.start + region.bytes;
    for (VirtualAddress from = region.start; from < end;) {
        const auto part = ask<PagesCount>({.process = process, .from = from});
        if (!part.has_value()) break;
        sum.resident += part->resident;
        sum.shared += part->shared;
        from = part->end;
    }
    return sum;
}

/// Of all regions.
PageCounts count_all_pages(Endpoint process) {
    PageCounts sum;
    VirtualAddress from{};
    for (;;) {
        const auto region = ask<RegionNext>({.process = process, .from = from});
        if (!region.has_value()) return sum;
        const PageCounts pages = count_pages(process, *region);
        sum.resident += pages.resident;
        sum.shared += pages.shared;
        from = region->start + region->bytes;
    }
}

// Both sides list them in the same order.
static_assert(static_cast<std::size_t>(netmgmt::PageUse::left_behind) + 1 == page_use_count);
static_assert(static_cast<std::size_t>(MemoryProblem::leaked_object) + 1 == problem_kind_count);

} // namespace

SystemResult<ProcessMemory> GuestMemory::process(EndpointNumber endpoint) {
    const Endpoint wanted = Endpoint::from_value(endpoint.value);
    const auto space = ask<SpaceStatistics>({.process = wanted});
    if (!space.has_value()) return refusal(space.error(), vm_name);
    const PageCounts pages = count_all_pages(wanted);
    return ProcessMemory{
        .endpoint = endpoint,
        .name = process_name(wanted),
        .virtual_bytes = {space->virtual_bytes},
        .resident_pages = {space->resident_pages},
        .unique_pages = {pages.resident - pages.shared},
        .shared_pages = {pages.shared},
        .page_table_pages = {space->page_table_pages},
        .regions = space->regions,
        .budget_pages = {space->budget_pages},
    };
}

ListResult GuestMemory::regions(EndpointNumber endpoint, Range range, Visitor<RegionEntry>& visitor) {
    const Endpoint process = Endpoint::from_value(endpoint.value);
    VirtualAddress from{range.from.value};
    for (;;) {
        const auto region = ask<RegionNext>({.process = process, .from = from});
        if (region.status() == Status::no_entry) return {};
        if (!region.has_value()) return refusal(region.error(), vm_name);
        const PageCounts pages = count_pages(process, *region);
        const RegionEntry entry{
            .start = {region->start.value},
            .bytes = {region->bytes},
            .read = includes(region->protection, Protection::read),
            .write = includes(region->protection, Protection::write),
            .execute = includes(region->protection, Protection::execute),
            .kind = kind_of(region->kind),
            .resident_pages = {pages.resident},
            .shared_pages = {pages.shared},
            .shared_memory = region->identity == 0 ? std::nullopt : std::optional(ObjectIdentity{region->identity}),
            .offset = {region->offset},
        };
        if (visitor.visit({region->start.value}, entry) == Visit::stop) return {};
        from = region->start + region->bytes;
    }
}

SystemResult<MemoryCheck> GuestMemory::check() {
    const auto report = ask<Check>();
    if (!report.has_value()) return refusal(report.error(), vm_name);
    return MemoryCheck{
        .level = static_cast<netmgmt::SanityLevel>(report->level),
        .pages = {report->pages},
        .checks = {report->checks},
        .problems = report->problems,
        .first_problem = static_cast<MemoryProblem>(report->kind),
        .address = {report->address},
        .first_use = static_cast<netmgmt::PageUse>(report->first_use),
        .second_use = static_cast<netmgmt::PageUse>(report->second_use),
        .owner = {report->owner.value()},
    };
}

ListResult GuestMemory::slabs(Range range, Visitor<SlabEntry>& visitor) {
    for (std::uint64_t index = range.from.value;; ++index) {
        const auto slab = ask<SlabStatistics>({.index = static_cast<std::uint32_t>(index)});
        if (slab.status() == Status::no_entry) return {};
        if (!slab.has_value()) return refusal(slab.error(), vm_name);
        const SlabEntry entry{
            .name = slab->name.data(),
            .object_bytes = slab->object_bytes,
            .objects = slab->objects,
            .objects_per_page = slab->objects_per_page,
            .pages = {slab->pages},
        };
        if (visitor.visit({index}, entry) == Visit::stop) return {};
    }
}

} // namespace tessera::netmgmt::guest
