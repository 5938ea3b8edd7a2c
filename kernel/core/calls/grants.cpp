// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/core/calls/handlers.h"

namespace tessera::kernel::calls {

using namespace kernel_calls;

Handled<GrantTableSet> handle(GrantTableSet, Kernel&, Process& caller, const GrantTableSet::Request& request) {
    if (request.entries > GrantId::index_limit || request.address.value % alignof(GrantEntry) != 0)
        return Status::invalid;
    if (!in_user_space(request.address, request.entries * sizeof(GrantEntry))) return Status::invalid;
    caller.grants = {request.address, static_cast<std::uint32_t>(request.entries)};
    return NoReply{};
}

Handled<GrantRead> handle(GrantRead, Kernel& kernel, Process& caller, const GrantRead::Request& request) {
    Process* grantor = TESSERA_TRY(kernel.processes.living(request.endpoint));
    for (std::uint32_t index = request.index; index < grantor->grants.entries; ++index) {
        const GrantEntry entry = TESSERA_TRY(kernel.grants.entry(caller, *grantor, index));
        if (entry.kind == GrantKind::unused) continue;
        TESSERA_TRY(kernel.copies.out(caller, &entry, caller, request.address, sizeof(entry)));
        return GrantRead::Reply{index};
    }
    return Status::no_entry;
}

Handled<SafecopyFrom> handle(SafecopyFrom, Kernel& kernel, Process& caller, const SafecopyFrom::Request& request) {
    if (request.bytes > safecopy_limit) return Status::too_big;
    const GrantUse use{request.grantor, request.grant, GrantRights::read, request.offset, request.bytes};
    const GrantedMemory memory = TESSERA_TRY(kernel.grants.check(caller, use));
    TESSERA_TRY(kernel.copies.between(caller, *memory.owner, memory.address, caller, request.address, request.bytes));
    ++kernel.counters.safecopies;
    kernel.counters.copied_bytes += request.bytes;
    return NoReply{};
}

Handled<SafecopyTo> handle(SafecopyTo, Kernel& kernel, Process& caller, const SafecopyTo::Request& request) {
    if (request.bytes > safecopy_limit) return Status::too_big;
    const GrantUse use{request.grantor, request.grant, GrantRights::write, request.offset, request.bytes};
    const GrantedMemory memory = TESSERA_TRY(kernel.grants.check(caller, use));
    TESSERA_TRY(kernel.copies.between(caller, caller, request.address, *memory.owner, memory.address, request.bytes));
    ++kernel.counters.safecopies;
    kernel.counters.copied_bytes += request.bytes;
    return NoReply{};
}

} // namespace tessera::kernel::calls
