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
        GrantEntry entry;
        TESSERA_TRY(kernel.grants.read_entry(caller, *grantor, index, entry));
        if (entry.kind == GrantKind::unused) continue;
        TESSERA_TRY(kernel.copies.out(caller, &entry, caller, request.address, sizeof(entry)));
        return GrantRead::Reply{index};
    }
    return Status::no_entry;
}

Handled<SafecopyFrom> handle(SafecopyFrom, Kernel& kernel, Process& caller, const SafecopyFrom::Request& request) {
    const GrantUse use{request.grantor, request.grant, GrantRights::none, request.offset, request.bytes};
    TESSERA_TRY(kernel.grants.copy(caller, use, CopyDirection::from_grant, request.address));
    return NoReply{};
}

Handled<SafecopyTo> handle(SafecopyTo, Kernel& kernel, Process& caller, const SafecopyTo::Request& request) {
    const GrantUse use{request.grantor, request.grant, GrantRights::none, request.offset, request.bytes};
    TESSERA_TRY(kernel.grants.copy(caller, use, CopyDirection::to_grant, request.address));
    return NoReply{};
}

namespace {

// too_big, invalid.
Completion check_elements(std::span<const GrantCopy> copies) {
    std::uint64_t bytes = 0;
    for (const GrantCopy& copy : copies) {
        if (copy.direction > CopyDirection::to_grant || copy.state > CopyState::done) return Status::invalid;
        if (copy.state == CopyState::done) continue;
        if (copy.bytes > safecopy_limit - bytes) return Status::too_big;
        bytes += copy.bytes;
    }
    return Done{};
}

} // namespace

// Each element is written back when it is done: a call that waits for VM goes on behind it.
Handled<Vsafecopy> handle(Vsafecopy, Kernel& kernel, Process& caller, const Vsafecopy::Request& request) {
    if (request.count > vsafecopy_limit) return Status::too_big;
    std::array<GrantCopy, vsafecopy_limit> memory;
    const std::span copies(memory.data(), request.count);
    TESSERA_TRY(kernel.copies.in(caller, caller, request.address, copies.data(), copies.size_bytes()));
    TESSERA_TRY(check_elements(copies));
    std::uint64_t failed = 0;
    for (std::size_t i = 0; i < copies.size(); ++i) {
        GrantCopy& copy = copies[i];
        if (copy.state == CopyState::pending) {
            const GrantUse use{copy.grantor, copy.grant, GrantRights::none, copy.offset, copy.bytes};
            copy.status = kernel.grants.copy(caller, use, copy.direction, copy.address).status();
            if (copy.status == Status::suspended) return Status::suspended;
            copy.state = CopyState::done;
            const VirtualAddress place = request.address + i * sizeof(GrantCopy);
            TESSERA_TRY(kernel.copies.out(caller, &copy, caller, place, sizeof(copy)));
        }
        failed += copy.status == Status::ok ? 0 : 1;
    }
    return Vsafecopy::Reply{failed};
}

Handled<Safememset> handle(Safememset, Kernel& kernel, Process& caller, const Safememset::Request& request) {
    const GrantUse use{request.grantor, request.grant, GrantRights::none, request.offset, request.bytes};
    TESSERA_TRY(kernel.grants.fill(caller, use, static_cast<std::byte>(request.value)));
    return NoReply{};
}

Handled<GrantResolve> handle(GrantResolve, Kernel& kernel, Process& caller, const GrantResolve::Request& request) {
    const GrantUse use{request.grantor, request.grant, request.rights, request.offset, request.bytes};
    GrantedMemory memory;
    TESSERA_TRY(kernel.grants.check(caller, request.grantee, use, memory));
    const bool copy = !includes(request.rights, GrantRights::map);
    if (copy && includes(memory.rights, GrantRights::try_only)) return Status::invalid;
    GrantPath path{.hop_count = memory.hop_count, .owner = memory.owner->endpoint, .address = memory.address};
    for (std::uint32_t i = 0; i < memory.hop_count; ++i)
        path.hops[i] = {memory.hops[i].grantor->endpoint, memory.hops[i].grant};
    TESSERA_TRY(kernel.copies.out(caller, &path, caller, request.address, sizeof(path)));
    kernel.grants.count_use(memory);
    return NoReply{};
}

} // namespace tessera::kernel::calls
