// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/core/grants.h"

namespace tessera::kernel {

Completion Grants::read_entry(Process& caller, Process& grantor, std::uint32_t index, GrantEntry& entry) {
    if (index >= grantor.grants.entries) return Status::no_entry;
    return copies_.in(caller, grantor, grantor.grants.address + index * sizeof(GrantEntry), &entry, sizeof(entry));
}

Completion check_entry(const GrantEntry& entry, Endpoint grantee, const GrantUse& use) {
    if (!use.grant.valid() || entry.sequence != use.grant.sequence()) return Status::not_permitted;
    if (entry.grantee != grantee && entry.grantee != endpoints::any) return Status::not_permitted;
    if (!includes(entry.rights, use.rights)) return Status::not_permitted;
    if (use.bytes > entry.bytes || use.offset > entry.bytes - use.bytes) return Status::not_permitted;
    return Done{};
}

Completion Grants::check(Process& caller, Endpoint grantee, const GrantUse& first, GrantedMemory& memory) {
    GrantUse use = first;
    memory.hop_count = 0;
    memory.rights = GrantRights::none;
    while (memory.hop_count <= indirect_hop_limit) {
        Process* grantor = TESSERA_TRY(processes_.living(use.grantor));
        if (use.grant.index() >= grantor->grants.entries) return Status::not_permitted;
        GrantEntry found;
        TESSERA_TRY(read_entry(caller, *grantor, use.grant.index(), found));
        TESSERA_TRY(check_entry(found, grantee, use));
        const VirtualAddress place = grantor->grants.address + use.grant.index() * sizeof(GrantEntry);
        memory.hops[memory.hop_count++] = {grantor, place, use.grant, found.rights};
        memory.rights = memory.rights | (found.rights & GrantRights::try_only);
        if (found.kind != GrantKind::indirect) return end_at(found, *grantor, use, memory);
        if (found.address > ~std::uint64_t{0} - use.offset) return Status::not_permitted;
        grantee = grantor->endpoint;
        use.grantor = found.source;
        use.grant = found.previous;
        use.offset += found.address;
    }
    return Status::loop;
}

// The last grant of a chain, which says where the memory is.
Completion Grants::end_at(const GrantEntry& entry, Process& grantor, const GrantUse& use, GrantedMemory& memory) {
    memory.owner = &grantor;
    if (entry.kind == GrantKind::magic) {
        if (grantor.privileges.magic_grants != MagicGrants::of_users) return Status::not_permitted;
        memory.owner = TESSERA_TRY(processes_.living(entry.source));
        if (memory.owner->privileges.service != service_ids::user) return Status::not_permitted;
    } else if (entry.kind != GrantKind::direct) {
        return Status::not_permitted;
    }
    const VirtualAddress address{entry.address};
    if (!in_user_space(address, entry.bytes)) return Status::not_permitted;
    memory.address = address + use.offset;
    return Done{};
}

void Grants::count_use(const GrantedMemory& memory) {
    for (std::uint32_t i = 0; i < memory.hop_count; ++i)
        copies_.count_up(*memory.hops[i].grantor, memory.hops[i].entry + offsetof(GrantEntry, uses));
}

void Grants::count_copy(const GrantedMemory& memory, std::uint64_t bytes) {
    count_use(memory);
    ++counters_.safecopies;
    counters_.copied_bytes += bytes;
}

// Each grant that asked not to wait learns of it.
Status Grants::soft_fault(const GrantedMemory& memory) {
    for (std::uint32_t i = 0; i < memory.hop_count; ++i)
        if (includes(memory.hops[i].rights, GrantRights::try_only))
            copies_.count_up(*memory.hops[i].grantor, memory.hops[i].entry + offsetof(GrantEntry, soft_faults));
    return Status::bad_address;
}

// Without calls: short copies are what most messages with a buffer come to.
[[gnu::flatten]] Completion Grants::copy(Process& caller, GrantUse use, CopyDirection direction, VirtualAddress local) {
    if (use.bytes > kernel_calls::safecopy_limit) return Status::too_big;
    const bool from_grant = direction == CopyDirection::from_grant;
    use.rights = from_grant ? GrantRights::read : GrantRights::write;
    GrantedMemory memory;
    TESSERA_TRY(check(caller, caller.endpoint, use, memory));
    const Copies::Ends ends = from_grant ? Copies::Ends{*memory.owner, memory.address, caller, local, use.bytes}
                                         : Copies::Ends{caller, local, *memory.owner, memory.address, use.bytes};
    const arch::CopyFault fault = TESSERA_TRY(copies_.attempt(ends));
    if (fault.occurred()) {
        const bool granted = (fault.side == arch::CopySide::source) == from_grant;
        if (granted && includes(memory.rights, GrantRights::try_only)) return soft_fault(memory);
        return copies_.supply(caller, ends, fault.side);
    }
    count_copy(memory, use.bytes);
    return Done{};
}

Completion Grants::fill(Process& caller, GrantUse use, std::byte value) {
    if (use.bytes > kernel_calls::safecopy_limit) return Status::too_big;
    use.rights = GrantRights::write;
    GrantedMemory memory;
    TESSERA_TRY(check(caller, caller.endpoint, use, memory));
    const arch::CopyFault fault = TESSERA_TRY(copies_.fill(*memory.owner, memory.address, value, use.bytes));
    if (fault.occurred()) {
        if (includes(memory.rights, GrantRights::try_only)) return soft_fault(memory);
        return copies_.ask_vm(caller, *memory.owner, memory.address, use.bytes, FaultAccess::write);
    }
    count_copy(memory, use.bytes);
    return Done{};
}

} // namespace tessera::kernel
