// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/arch/contract/address_space.h"
#include "kernel/core/calls/handlers.h"
#include "kernel/core/signals.h"

namespace tessera::kernel::calls {

using namespace kernel_calls;

namespace {

// Memory that VM hands out. An address of none, or of a device, would fault in the kernel.
bool is_memory_of_vm(const BootInfo& boot, PhysicalAddress page) {
    for (const MemoryRange& range : std::span(boot.ranges).first(boot.range_count))
        if (range.kind == MemoryKind::free && page >= range.base && page - range.base < range.bytes) return true;
    return false;
}

// Of a kernel call, or for the frame of a signal: then the process has no stack to go on with.
void refuse_memory(Kernel& kernel, Process& process) {
    const auto request = unpack<MemoryRequest>(process.outgoing.kernel_words);
    if (process.take(Attention::restart_call)) return process.finish(Status::bad_address);
    kernel.end_process(process, DeathCause::page_fault, request.address);
}

} // namespace

Handled<SpaceBind> handle(SpaceBind, Kernel& kernel, Process&, const SpaceBind::Request& request) {
    Process* process = TESSERA_TRY(kernel.processes.living(request.endpoint));
    if (!in_user_space(request.entry, 1) || !in_user_space(request.stack, 0)) return Status::invalid;
    if (!arch::root_entry(request.endpoint.slot()).present()) return Status::invalid;
    if (process->endpoint == endpoints::vm) return Status::not_permitted;
    kernel.start_anew(*process, arch::initial_context(request.entry, request.stack));
    process->unblock(Blocker::no_space);
    kernel.scheduler.update(*process);
    return NoReply{};
}

Handled<SpaceAttach> handle(SpaceAttach, Kernel& kernel, Process&, const SpaceAttach::Request& request) {
    Process* process = TESSERA_TRY(kernel.processes.living(request.endpoint));
    const bool waits_for_it = process->blocked_by(Blocker::no_space) && process->awaits_reply;
    if (!waits_for_it || !arch::root_entry(request.endpoint.slot()).present()) return Status::invalid;
    process->unblock(Blocker::no_space);
    kernel.scheduler.update(*process);
    return NoReply{};
}

Handled<SpaceUnbind> handle(SpaceUnbind, Kernel& kernel, Process&, const SpaceUnbind::Request& request) {
    Process* process = TESSERA_TRY(kernel.processes.present(request.endpoint));
    if (!process->blocked_by(Blocker::dead) && !process->blocked_by(Blocker::stopped)) return Status::busy;
    process->block(Blocker::no_space);
    return NoReply{};
}

Handled<SpaceFlush> handle(SpaceFlush, Kernel& kernel, Process&, const SpaceFlush::Request& request) {
    Process* process = TESSERA_TRY(kernel.processes.present(request.endpoint));
    process->raise(Attention::translations);
    return NoReply{};
}

Handled<RootEntriesSet> handle(RootEntriesSet, Kernel& kernel, Process&, const RootEntriesSet::Request& request) {
    if (!request.page.page_aligned() || !is_memory_of_vm(kernel.boot_info, request.page)) return Status::invalid;
    arch::map_root_entries(request.page);
    return NoReply{};
}

Handled<FaultResolve> handle(FaultResolve, Kernel& kernel, Process&, const FaultResolve::Request& request) {
    Process* process = TESSERA_TRY(kernel.processes.living(request.endpoint));
    // VM has not received this one yet: it answers an older one, which was abandoned.
    if (process->send_to != endpoints::none) return Status::invalid;
    const bool resolved = request.status == Status::ok;
    if (process->blocked_by(Blocker::page_fault)) {
        process->unblock(Blocker::page_fault);
        if (!resolved)
            signals::fault(kernel, *process, DeathCause::page_fault, process->outgoing.kernel_words.words[0]);
    } else if (process->blocked_by(Blocker::vm_request)) {
        process->unblock(Blocker::vm_request);
        if (!resolved) refuse_memory(kernel, *process);
    } else
        return Status::invalid;
    kernel.scheduler.update(*process);
    return NoReply{};
}

} // namespace tessera::kernel::calls
