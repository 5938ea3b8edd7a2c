// SPDX-License-Identifier: BSD-3-Clause
#include "servers/vm/protection.h"
#include "servers/vm/service.h"

namespace tessera::vm {

using namespace protocol::vm;

namespace {

constexpr std::uint32_t small(std::uint64_t pages) { return static_cast<std::uint32_t>(pages); } // 2^32 pages: 16 TiB

} // namespace

Service::Outcome<MemoryStatistics::Reply> Service::handle(MemoryStatistics, const Nothing&, Endpoint) {
    const MemoryCounts counts = environment_.frames.counts();
    return MemoryStatistics::Reply{.total = small(counts.total),
                                   .free = small(counts.free),
                                   .largest_free_block = small(counts.largest_free_block),
                                   .kernel = small(counts.kernel),
                                   .archive = small(counts.archive),
                                   .page_tables = small(counts.page_tables),
                                   .vm_own = small(counts.vm_own),
                                   .process = small(counts.process),
                                   .preserved = small(counts.preserved),
                                   .spaces = spaces_.count(),
                                   .free_ranges = small(environment_.frames.free_list().ranges().size()),
                                   .shared_objects = environment_.shared.count()};
}

Service::Outcome<EventCounts::Reply> Service::handle(EventCounts, const EventCounts::Request& request, Endpoint) {
    return counters_.from(request.first);
}

Service::Outcome<SpaceStatistics::Reply> Service::handle(SpaceStatistics, const SpaceStatistics::Request& request,
                                                         Endpoint) {
    if (request.process == endpoints::vm)
        return SpaceStatistics::Reply{.virtual_bytes = own_space_.bytes(),
                                      .resident_pages = own_space_.resident_pages(),
                                      .page_table_pages = own_space_.table_pages(),
                                      .regions = small(own_space_.parts().size()),
                                      .budget_pages = 0};
    const Space* space = spaces_.space(request.process);
    if (space == nullptr) return Status::no_such;
    return SpaceStatistics::Reply{.virtual_bytes = space->regions().bytes(),
                                  .resident_pages = space->resident_pages(),
                                  .page_table_pages = space->table_pages(),
                                  .regions = small(space->regions().size()),
                                  .budget_pages = space->budget().limit()};
}

Service::Outcome<RegionNext::Reply> Service::handle(RegionNext, const RegionNext::Request& request, Endpoint) {
    if (request.process == endpoints::vm) return own_region_after(request.from);
    const Space* space = spaces_.space(request.process);
    if (space == nullptr) return Status::no_such;
    const Region* region = space->regions().ending_above(request.from);
    if (region == nullptr) return Status::no_entry;
    const SharedObject* object = region->object;
    return RegionNext::Reply{.start = region->range.start,
                             .bytes = region->range.bytes(),
                             .protection = protection_of(region->access),
                             .kind = region->type->kind(),
                             .identity = object == nullptr ? 0 : object->identity().value,
                             .offset = region->offset};
}

Result<RegionNext::Reply> Service::own_region_after(VirtualAddress from) const {
    const OwnSpace::Part* part = own_space_.ending_above(from);
    if (part == nullptr) return Status::no_entry;
    return RegionNext::Reply{.start = part->range.start,
                             .bytes = part->range.bytes(),
                             .protection = protection_of(part->access),
                             .kind = part->kind,
                             .identity = 0,
                             .offset = 0};
}

Service::Outcome<PagesCount::Reply> Service::handle(PagesCount, const PagesCount::Request& request, Endpoint) {
    if (request.process == endpoints::vm) return own_pages_count(request.from);
    const Space* space = spaces_.space(request.process);
    if (space == nullptr) return Status::no_such;
    const VirtualAddress from = request.from.page();
    const Region* region = space->regions().containing(from);
    if (region == nullptr) return Status::no_entry;
    return sharing().count(*space, *region, from);
}

// VM's own pages are nobody else's.
Result<PagesCount::Reply> Service::own_pages_count(VirtualAddress from) const {
    const OwnSpace::Part* part = own_space_.ending_above(from);
    if (part == nullptr || from < part->range.start) return Status::no_entry;
    return PagesCount::Reply{.end = part->range.end, .resident = OwnSpace::resident_pages(*part), .shared = 0};
}

Service::Outcome<SharedRunNext::Reply> Service::handle(SharedRunNext, const SharedRunNext::Request& request, Endpoint) {
    return sharing().next_run(request.slot, request.from.page());
}

Service::Outcome<SharedMemoryNext::Reply> Service::handle(SharedMemoryNext, const SharedMemoryNext::Request& request,
                                                          Endpoint) {
    return sharing().next_shared_memory(request.identity, request.slot);
}

Service::Outcome<FreeRangeNext::Reply> Service::handle(FreeRangeNext, const FreeRangeNext::Request& request, Endpoint) {
    const FreeRange* range = environment_.frames.free_list().ranges().at_or_above(request.from);
    if (range == nullptr) return Status::no_entry;
    return FreeRangeNext::Reply{.base = range->base, .pages = range->pages};
}

void Service::kernel_message(const Received& received) {
    if (received.kind == MessageKind::fault)
        faults_.handle(received.source, unpack<FaultMessage>(received.message));
    else if (received.kind == MessageKind::memory_request)
        faults_.handle(received.source, unpack<MemoryRequest>(received.message));
}

} // namespace tessera::vm
