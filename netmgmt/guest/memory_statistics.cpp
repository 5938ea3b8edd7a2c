// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/abi/calls/information.h"
#include "kernel/abi/counters.h"
#include "netmgmt/guest/errors.h"
#include "netmgmt/guest/server_views.h"
#include "servers/protocols/vm.h"
#include "servers/runtime/kernel.h"

#include <algorithm>

namespace tessera::netmgmt::guest {

namespace {

using namespace protocol::vm;

constexpr std::string_view vm_name = "vm";

template <class Operation> Result<typename Operation::Reply> ask(const typename Operation::Request& request = {}) {
    return runtime::call<VmProtocol, Operation>(endpoints::vm, request);
}

using Events = std::array<std::uint64_t, counted_event_count>;

/// From the last to the first: refusals are never more than the faults that were refused.
Result<Events> read_events() {
    constexpr std::size_t at_once = std::tuple_size_v<decltype(EventCounts::Reply::counts)>;
    Events events{};
    for (std::size_t first = (events.size() - 1) / at_once * at_once;; first -= at_once) {
        const auto some = TESSERA_TRY(ask<EventCounts>({.first = static_cast<std::uint32_t>(first)}));
        std::copy_n(some.counts.begin(), std::min(at_once, events.size() - first), events.begin() + first);
        if (first == 0) return events;
    }
}

Counter count_of(const Events& events, CountedEvent event) { return {events[static_cast<std::size_t>(event)]}; }

MemoryEvents shown(const Events& events) {
    return {.kernel_requests = count_of(events, CountedEvent::requests),
            .pages_supplied = count_of(events, CountedEvent::pages_supplied),
            .pages_copied = count_of(events, CountedEvent::pages_copied),
            .pages_made_writable = count_of(events, CountedEvent::pages_made_writable),
            .pages_there = count_of(events, CountedEvent::pages_there),
            .refused_no_region = count_of(events, CountedEvent::refused_no_region),
            .refused_access = count_of(events, CountedEvent::refused_access),
            .refused_no_memory = count_of(events, CountedEvent::refused_no_memory),
            .refused_endless = count_of(events, CountedEvent::refused_endless),
            .forks = count_of(events, CountedEvent::forks),
            .execs = count_of(events, CountedEvent::execs)};
}

Result<AddressSpaceCosts> read_costs() {
    tessera::KernelCounters counters;
    TESSERA_TRY(kernel_call<kernel_calls::CountersRead>({.address = {reinterpret_cast<std::uint64_t>(&counters)}}));
    return AddressSpaceCosts{.loads = {counters.address_space_loads},
                             .loads_saved = {counters.address_space_loads_saved},
                             .copies = {counters.safecopies},
                             .copied_bytes = {counters.copied_bytes},
                             .copy_faults = {counters.copy_faults}};
}

} // namespace

SystemResult<netmgmt::MemoryStatistics> GuestMemory::statistics() {
    const auto memory = ask<protocol::vm::MemoryStatistics>();
    if (!memory.has_value()) return refusal(memory.error(), vm_name);
    const auto read = read_events();
    if (!read.has_value()) return refusal(read.error(), vm_name);
    const auto costs = read_costs();
    if (!costs.has_value()) return refusal(costs.error(), "kernel");
    const MemoryEvents events = shown(*read);
    const std::uint64_t faults = count_of(*read, CountedEvent::faults).value + events.kernel_requests.value;
    const std::uint64_t refused = events.refused_no_region.value + events.refused_access.value +
                                  events.refused_no_memory.value + events.refused_endless.value;
    return netmgmt::MemoryStatistics{
        .page_bytes = {page_bytes},
        .total_pages = {memory->total},
        .free_pages = {memory->free},
        .largest_free_block_pages = {memory->largest_free_block},
        .kernel_pages = {memory->kernel},
        .archive_pages = {memory->archive},
        .page_table_pages = {memory->page_tables},
        .vm_own_pages = {memory->vm_own},
        .process_pages = {memory->process},
        .preserved_pages = {memory->preserved},
        .faults = {faults},
        .faults_resolved = {faults - refused},
        .faults_refused = {refused},
        .spaces = memory->spaces,
        .shared_memories = memory->shared_objects,
        .events = events,
        .kernel = *costs,
    };
}

} // namespace tessera::netmgmt::guest
