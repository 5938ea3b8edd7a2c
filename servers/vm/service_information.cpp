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
                                   .spaces = spaces_.count()};
}

Service::Outcome<FaultStatistics::Reply> Service::handle(FaultStatistics, const Nothing&, Endpoint) {
    const FaultCounts& counts = faults_.counts();
    return FaultStatistics::Reply{
        .faults = counts.faults, .requests = counts.requests, .resolved = counts.resolved, .refused = counts.refused};
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
    const bool held = region->type->charge() == MemoryType::Charge::process;
    return RegionNext::Reply{.start = region->range.start,
                             .bytes = region->range.bytes(),
                             .protection = protection_of(region->access),
                             .kind = region->type->kind(),
                             .resident_pages = held ? space->resident_pages(region->range) : 0};
}

Result<RegionNext::Reply> Service::own_region_after(VirtualAddress from) const {
    const OwnSpace::Part* part = own_space_.ending_above(from);
    if (part == nullptr) return Status::no_entry;
    return RegionNext::Reply{.start = part->range.start,
                             .bytes = part->range.bytes(),
                             .protection = protection_of(part->access),
                             .kind = part->kind,
                             .resident_pages = OwnSpace::resident_pages(*part)};
}

void Service::kernel_message(const Received& received) {
    if (received.kind == MessageKind::fault)
        faults_.handle(received.source, unpack<FaultMessage>(received.message));
    else if (received.kind == MessageKind::memory_request)
        faults_.handle(received.source, unpack<MemoryRequest>(received.message));
}

} // namespace tessera::vm
