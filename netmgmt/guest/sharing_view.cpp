// SPDX-License-Identifier: BSD-3-Clause
#include "netmgmt/decode/sharing_groups.h"
#include "netmgmt/guest/errors.h"
#include "netmgmt/guest/process_names.h"
#include "netmgmt/guest/server_views.h"
#include "servers/protocols/vm.h"

namespace tessera::netmgmt::guest {

namespace {

using namespace protocol::vm;

constexpr std::string_view vm_name = "vm";

template <class Operation> Result<typename Operation::Reply> ask(const typename Operation::Request& request) {
    return runtime::call<VmProtocol, Operation>(endpoints::vm, request);
}

/// Asks for each process once. One that ended since VM told of it is not in the answer.
class SlotNames {
public:
    std::vector<SharingProcess> of(const ProcessSet& processes) {
        std::vector<SharingProcess> named;
        for (std::uint32_t slot = processes.next(0); slot < process_limit; slot = processes.next(slot + 1)) {
            const auto [place, is_new] = known_.try_emplace(slot);
            if (is_new) place->second = read(slot);
            if (place->second) named.push_back(*place->second);
        }
        return named;
    }

private:
    static std::optional<SharingProcess> read(std::uint32_t slot) {
        const auto found = read_process(slot);
        if (!found.has_value() || found->endpoint.slot() != slot) return std::nullopt;
        return SharingProcess{{found->endpoint.value()}, std::string(found->name.view())};
    }

    std::map<std::uint32_t, std::optional<SharingProcess>> known_;
};

/// Calls `visit(const SharedRunNext::Reply&)` for each run from a place on, until it says stop.
template <class Function> SystemResult<Visit> each_run(std::uint32_t slot, VirtualAddress from, Function&& visit) {
    for (;;) {
        const auto run = ask<SharedRunNext>({.slot = slot, .from = from});
        if (run.status() == Status::no_entry) return Visit::next;
        if (!run.has_value()) return refusal(run.error(), vm_name);
        if (run->pages > 0 && visit(*run) == Visit::stop) return Visit::stop;
        slot = run->slot;
        from = run->next;
    }
}

Result<SharedMemoryNext::Reply> shared_memory_from(std::uint64_t identity) {
    auto whole = ask<SharedMemoryNext>({.identity = identity, .slot = 0});
    while (whole.has_value() && whole->slot < process_limit) {
        const auto rest = ask<SharedMemoryNext>({.identity = whole->identity, .slot = whole->slot});
        if (!rest.has_value() || rest->identity != whole->identity) break; // it is gone
        whole->processes.add(rest->processes);
        whole->slot = rest->slot;
    }
    return whole;
}

/// `Entry` is a SharingGroup or a SharingRun.
template <class Entry>
ListResult visit_shared_memory(std::uint64_t identity, SlotNames& names, Visitor<Entry>& visitor) {
    for (;;) {
        const auto memory = shared_memory_from(identity);
        if (memory.status() == Status::no_entry) return {};
        if (!memory.has_value()) return refusal(memory.error(), vm_name);
        Entry entry;
        entry.reason = netmgmt::SharingReason::shared_memory;
        entry.processes = names.of(memory->processes);
        entry.pages = {memory->resident_pages};
        entry.shared_memory = ObjectIdentity{memory->identity};
        if (visitor.visit(shared_memory_position(memory->identity), entry) == Visit::stop) return {};
        identity = memory->identity + 1;
    }
}

netmgmt::SharingReason reason_of(protocol::vm::SharingReason reason) {
    return static_cast<netmgmt::SharingReason>(reason); // both sides list them in the same order
}
static_assert(static_cast<int>(netmgmt::SharingReason::shared_memory) ==
              static_cast<int>(protocol::vm::SharingReason::shared_memory));

/// The groups whose first process is in one slot.
class GroupsOfSlot {
public:
    GroupsOfSlot(std::uint32_t slot, SlotNames& names, Visitor<SharingGroup>& visitor)
        : slot_(slot),
          names_(names),
          visitor_(visitor) {}

    SystemResult<Visit> visit(VirtualAddress from) {
        const auto read = each_run_here({}, [&](const SharedRunNext::Reply& run) {
            groups_.add(run);
            return Visit::next;
        });
        if (!read) return read;
        for (const SharingGroups::Group& group : groups_.groups())
            if (group.first >= from && show(group) == Visit::stop) return Visit::stop;
        if (!groups_.left_out()) return Visit::next;
        return each_run_here(std::max(from, *groups_.left_out()), [&](const SharedRunNext::Reply& run) {
            return groups_.has(run) ? Visit::next : show({run.processes, run.reason, run.start, run.pages});
        });
    }

    /// The slot of the next process that has groups; process_limit: none. Known after `visit`.
    std::uint32_t next_slot() const { return next_slot_; }

private:
    template <class Function> SystemResult<Visit> each_run_here(VirtualAddress from, Function&& function) {
        next_slot_ = process_limit;
        bool stopped = false;
        const auto result = each_run(slot_, from, [&](const SharedRunNext::Reply& run) {
            if (run.slot != slot_) {
                next_slot_ = run.slot;
                return Visit::stop;
            }
            stopped = function(run) == Visit::stop;
            return stopped ? Visit::stop : Visit::next;
        });
        if (!result) return result;
        return stopped ? Visit::stop : Visit::next;
    }

    Visit show(const SharingGroups::Group& group) {
        return visitor_.visit(place_position(slot_, group.first), {.reason = reason_of(group.reason),
                                                                   .processes = names_.of(group.processes),
                                                                   .pages = {group.pages},
                                                                   .shared_memory = {}});
    }

    std::uint32_t slot_;
    std::uint32_t next_slot_ = process_limit;
    SlotNames& names_;
    Visitor<SharingGroup>& visitor_;
    SharingGroups groups_;
};

} // namespace

ListResult GuestMemory::sharing_groups(Range range, Visitor<SharingGroup>& visitor) {
    SlotNames names;
    VirtualAddress from = address_at(range.from);
    for (std::uint32_t slot = slot_at(range.from); slot < process_limit; from = {}) {
        GroupsOfSlot groups(slot, names, visitor);
        const auto visited = groups.visit(from);
        if (!visited) return std::unexpected(visited.error());
        if (*visited == Visit::stop) return {};
        slot = groups.next_slot();
    }
    return visit_shared_memory(identity_at(range.from), names, visitor);
}

ListResult GuestMemory::sharing_runs(Range range, Visitor<SharingRun>& visitor) {
    SlotNames names;
    const auto visited = each_run(slot_at(range.from), address_at(range.from), [&](const SharedRunNext::Reply& run) {
        return visitor.visit(place_position(run.slot, run.start), {.reason = reason_of(run.reason),
                                                                   .processes = names.of(run.processes),
                                                                   .start = Address{run.start.value},
                                                                   .pages = {run.pages},
                                                                   .shared_memory = {}});
    });
    if (!visited) return std::unexpected(visited.error());
    if (*visited == Visit::stop) return {};
    return visit_shared_memory(identity_at(range.from), names, visitor);
}

SystemResult<FreeTotals> GuestMemory::free_ranges(Range range, Visitor<FreeRange>& visitor) {
    const auto memory = runtime::call<VmProtocol, protocol::vm::MemoryStatistics>(endpoints::vm, {});
    if (!memory.has_value()) return refusal(memory.error(), vm_name);
    const FreeTotals totals{.free_pages = {memory->free},
                            .largest_block_pages = {memory->largest_free_block},
                            .ranges = memory->free_ranges};
    for (PhysicalAddress from{range.from.value};;) {
        const auto free = ask<FreeRangeNext>({.from = from});
        if (free.status() == Status::no_entry) return totals;
        if (!free.has_value()) return refusal(free.error(), vm_name);
        if (visitor.visit({free->base.value}, {.base = {free->base.value}, .pages = {free->pages}}) == Visit::stop)
            return totals;
        from = free->base + free->pages * page_bytes;
    }
}

} // namespace tessera::netmgmt::guest
