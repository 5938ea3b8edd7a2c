// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/core/grants.h"

namespace tessera::kernel {

Result<GrantEntry> Grants::entry(Process& caller, Process& grantor, std::uint32_t index) {
    if (index >= grantor.grants.entries) return Status::no_entry;
    GrantEntry entry;
    const VirtualAddress address = grantor.grants.address + index * sizeof(GrantEntry);
    TESSERA_TRY(copies_.in(caller, grantor, address, &entry, sizeof(entry)));
    return entry;
}

Result<GrantedMemory> Grants::check(Process& caller, const GrantUse& use) {
    Process* grantor = TESSERA_TRY(processes_.living(use.grantor));
    if (use.grant.index() >= grantor->grants.entries) return Status::not_permitted;
    const GrantEntry found = TESSERA_TRY(entry(caller, *grantor, use.grant.index()));
    return GrantedMemory{grantor, TESSERA_TRY(check_direct(found, caller.endpoint, use))};
}

Result<VirtualAddress> check_direct(const GrantEntry& entry, Endpoint grantee, const GrantUse& use) {
    // Indirect and magic grants come with issue 5; until then they are refused like unused ones.
    if (entry.kind != GrantKind::direct) return Status::not_permitted;
    if (!use.grant.valid() || entry.sequence != use.grant.sequence()) return Status::not_permitted;
    if (entry.grantee != grantee && entry.grantee != endpoints::any) return Status::not_permitted;
    if (!includes(entry.rights, use.rights)) return Status::not_permitted;
    if (use.bytes > entry.bytes || use.offset > entry.bytes - use.bytes) return Status::not_permitted;
    const VirtualAddress address{entry.address};
    if (!in_user_space(address, entry.bytes)) return Status::not_permitted;
    return address + use.offset;
}

} // namespace tessera::kernel
