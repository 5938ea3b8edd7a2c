// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/core/copies.h"
#include "kernel/abi/user_layout.h"

namespace tessera::kernel {

bool in_user_space(VirtualAddress address, std::uint64_t bytes) {
    return address.value < user_layout::end.value && bytes <= user_layout::end.value - address.value;
}

namespace {

arch::RootEntry space_of(const Process& process) {
    return process.blocked_by(Blocker::no_space) ? arch::RootEntry{} : arch::root_entry(process.endpoint.slot());
}

} // namespace

Result<arch::CopyFault> Copies::attempt(const Ends& ends) {
    const arch::RootEntry source_space = space_of(ends.source);
    const arch::RootEntry destination_space = space_of(ends.destination);
    if (!in_user_space(ends.from, ends.bytes) || !in_user_space(ends.to, ends.bytes)) return Status::bad_address;
    if (!source_space.present() || !destination_space.present()) return Status::bad_address;
    return arch::copy_between(source_space, ends.from, destination_space, ends.to, ends.bytes);
}

Completion Copies::supply(Process& caller, const Ends& ends, arch::CopySide side) {
    if (side == arch::CopySide::source) return ask_vm(caller, ends.source, ends.from, ends.bytes, FaultAccess::read);
    return ask_vm(caller, ends.destination, ends.to, ends.bytes, FaultAccess::write);
}

Completion Copies::between(Process& caller, const Ends& ends) {
    const arch::CopyFault fault = TESSERA_TRY(attempt(ends));
    return fault.occurred() ? supply(caller, ends, fault.side) : Completion{Done{}};
}

Result<arch::CopyFault> Copies::fill(const Process& destination, VirtualAddress to, std::byte value,
                                     std::uint64_t bytes) {
    const arch::RootEntry space = space_of(destination);
    if (!in_user_space(to, bytes) || !space.present()) return Status::bad_address;
    return arch::fill(space, to, value, bytes);
}

Completion Copies::in(Process& caller, Process& source, VirtualAddress from, void* to, std::uint64_t bytes) {
    const arch::RootEntry space = space_of(source);
    if (!in_user_space(from, bytes) || !space.present()) return Status::bad_address;
    if (!arch::copy_in(space, from, to, bytes).occurred()) return Done{};
    return ask_vm(caller, source, from, bytes, FaultAccess::read);
}

Completion Copies::out(Process& caller, const void* from, Process& destination, VirtualAddress to,
                       std::uint64_t bytes) {
    const arch::RootEntry space = space_of(destination);
    if (!in_user_space(to, bytes) || !space.present()) return Status::bad_address;
    if (!arch::copy_out(from, space, to, bytes).occurred()) return Done{};
    return ask_vm(caller, destination, to, bytes, FaultAccess::write);
}

Completion Copies::ask_vm(Process& caller, const Process& process, VirtualAddress address, std::uint64_t bytes,
                          FaultAccess access) {
    ++counters_.copy_faults;
    if (caller.endpoint == endpoints::vm) return Status::bad_address;
    caller.block(Blocker::vm_request);
    caller.raise(Attention::restart_call);
    const MemoryRequest request{process.endpoint.value(), address.value, bytes, static_cast<std::uint64_t>(access)};
    caller.outgoing = {MessageKind::memory_request, pack(request)};
    messages_.hand_to_vm(caller);
    return Status::suspended;
}

} // namespace tessera::kernel
