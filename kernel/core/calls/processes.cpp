// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/core/calls/handlers.h"

namespace tessera::kernel::calls {

using namespace kernel_calls;

namespace {

// A living process that may be hurt: not VM or RS.
Result<Process*> victim(Kernel& kernel, Endpoint endpoint) {
    Process* process = TESSERA_TRY(kernel.processes.living(endpoint));
    if (process->is_core()) return Status::not_permitted;
    return process;
}

} // namespace

Handled<Exit> handle(Exit, Kernel& kernel, Process& caller, const Exit::Request& request) {
    kernel.end_process(caller, DeathCause::exited, request.exit_status);
    return NoReply{};
}

Handled<SetThreadPointer> handle(SetThreadPointer, Kernel&, Process& caller, const SetThreadPointer::Request& request) {
    if (!in_user_space(request.address, 0)) return Status::invalid;
    caller.context.thread_pointer = request.address;
    arch::load_thread_pointer(request.address);
    return NoReply{};
}

Handled<OwnEndpoint> handle(OwnEndpoint, Kernel&, Process& caller, const OwnEndpoint::Request&) {
    return OwnEndpoint::Reply{caller.endpoint};
}

Handled<ProcessCreate> handle(ProcessCreate, Kernel& kernel, Process&, const ProcessCreate::Request& request) {
    const Process* process = TESSERA_TRY(kernel.processes.create(request.process_name));
    return ProcessCreate::Reply{process->endpoint};
}

Handled<ProcessFork> handle(ProcessFork, Kernel& kernel, Process& caller, const ProcessFork::Request& request) {
    Process* parent = TESSERA_TRY(kernel.processes.living(request.endpoint));
    if (parent->privileges.service != service_ids::user) return Status::not_permitted;
    if (!parent->awaits_answer_of(caller.endpoint)) return Status::invalid;
    Process* child = TESSERA_TRY(kernel.processes.create(parent->name));
    kernel.copy_process(*parent, *child);
    return ProcessFork::Reply{child->endpoint};
}

Handled<ProcessDestroy> handle(ProcessDestroy, Kernel& kernel, Process& caller,
                               const ProcessDestroy::Request& request) {
    Process* process = TESSERA_TRY(kernel.processes.present(request.endpoint));
    if (!process->blocked_by(Blocker::no_space) || process == &caller) return Status::busy;
    if (!process->blocked_by(Blocker::dead)) kernel.withdraw(*process);
    kernel.release(*process);
    return NoReply{};
}

Handled<ProcessStart> handle(ProcessStart, Kernel& kernel, Process&, const ProcessStart::Request& request) {
    Process* process = TESSERA_TRY(kernel.processes.living(request.endpoint));
    if (process->blocked_by(Blocker::no_space)) return Status::invalid;
    process->unblock(Blocker::stopped);
    kernel.scheduler.update(*process);
    return NoReply{};
}

Handled<ProcessStop> handle(ProcessStop, Kernel& kernel, Process&, const ProcessStop::Request& request) {
    Process* process = TESSERA_TRY(victim(kernel, request.endpoint));
    process->block(Blocker::stopped);
    kernel.scheduler.update(*process);
    return NoReply{};
}

Handled<ProcessKill> handle(ProcessKill, Kernel& kernel, Process&, const ProcessKill::Request& request) {
    Process* process = TESSERA_TRY(victim(kernel, request.endpoint));
    kernel.end_process(*process, DeathCause::killed, 0);
    return NoReply{};
}

Handled<ProcessInject> handle(ProcessInject, Kernel& kernel, Process& caller, const ProcessInject::Request& request) {
    Process* process = TESSERA_TRY(victim(kernel, request.endpoint));
    if (process == &caller || process->blocked_by(Blocker::no_space)) return Status::invalid;
    switch (request.fault) {
    case InjectedFault::null_jump:
        kernel.messages.abandon(*process);
        process->context.instruction_pointer = 0;
        process->context.entry = arch::EntryKind::interrupt;
        return NoReply{};
    case InjectedFault::illegal_instruction:
        kernel.end_process(*process, DeathCause::illegal_instruction, 0);
        return NoReply{};
    }
    return Status::invalid;
}

Handled<ProcessNextDeath> handle(ProcessNextDeath, Kernel& kernel, Process& caller, const ProcessNextDeath::Request&) {
    for (Process& process : kernel.processes.all()) {
        if (!process.blocked_by(Blocker::dead) || process.death_reported) continue;
        if (&kernel.supervisor_of(process) != &caller) continue;
        process.death_reported = true;
        return process.death;
    }
    return Status::no_entry;
}

Handled<ProcessRead> handle(ProcessRead, Kernel& kernel, Process& caller, const ProcessRead::Request& request) {
    for (std::uint64_t slot = request.slot; slot < process_limit; ++slot) {
        const Process& process = kernel.processes.at(static_cast<std::uint32_t>(slot));
        if (process.blocked_by(Blocker::free_slot)) continue;
        const bool sends = process.blocked_by(Blocker::sending);
        const ProcessInformation information{
            .endpoint = process.endpoint,
            .blockers = process.blockers,
            .name = process.name,
            .waits_for = sends ? process.send_to : process.receive_from,
            .priority = process.priority,
            .service = process.privileges.service,
            .running = static_cast<std::uint8_t>(&process == &caller),
            .death_cause = process.death.cause,
            .instruction_pointer = process.context.instruction_pointer,
            .processor_time = process.processor_time,
            .messages_sent = process.messages_sent,
            .faults = process.faults,
            .kernel_calls = process.kernel_calls,
        };
        TESSERA_TRY(kernel.copies.out(caller, &information, caller, request.address, sizeof(information)));
        return ProcessRead::Reply{slot};
    }
    return Status::no_entry;
}

} // namespace tessera::kernel::calls
