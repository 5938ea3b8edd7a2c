// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// What PM needs of the kernel, RS and VM. Tests bring their own.

#include "kernel/abi/calls/scheduling.h"
#include "kernel/abi/calls/signals.h"
#include "kernel/abi/message.h"
#include "kernel/abi/process.h"
#include "kernel/abi/result.h"
#include "servers/protocols/pm.h"
#include <vector>

namespace tessera::pm {

class System {
public:
    virtual ~System() = default;
    // A program of the boot archive, running. Errors: those of RS's ProgramStart.
    virtual Result<Endpoint> start_program(const Name& program) = 0;
    // A copy of a process that waits for PM's answer, which waits for the same and has no space yet. no_space: every
    // slot is taken.
    virtual Result<Endpoint> fork_process(Endpoint parent) = 0;
    // Gives that copy a copy of the parent's space. Errors: those of VM's SpaceFork.
    virtual Completion fork_space(Endpoint parent, Endpoint child) = 0;
    // Puts another program in the place of the one that a process runs. Errors: those of VM's SpaceExec; nothing has
    // changed then.
    virtual Completion exec(Endpoint process, const protocol::pm::Exec::Request& request) = 0;
    // Frees the space of a dead process.
    virtual void destroy_space(Endpoint process) = 0;
    // Frees the slot of a process without a space.
    virtual void destroy_slot(Endpoint process) = 0;
    virtual Completion kill(Endpoint process) = 0;
    // dead_endpoint, invalid.
    virtual Result<kernel_calls::SignalEffect> post_signal(Endpoint process, Signal signal) = 0;
    virtual bool lives(Endpoint process) = 0;
    // dead_endpoint.
    virtual Result<ServiceId> service_of(Endpoint process) = 0;
    // A notification. dead_endpoint, call_denied: not one that PM may tell.
    virtual Completion tell(Endpoint service) = 0;
    // no_entry: no further one.
    virtual Result<DeathReport> next_death() = 0;
    // no_entry: nobody waits for its scheduler.
    virtual Result<kernel_calls::ScheduleNext::Reply> schedule_next() = 0;
    virtual Completion schedule(Endpoint process, std::uint16_t priority, std::uint32_t quantum_milliseconds) = 0;
    virtual void ring_after(Nanoseconds delay) = 0; // a notification of the clock
    // Every user process that the kernel has, dead ones that nobody reaped and forked ones without a space included.
    virtual std::vector<ProcessInformation> user_processes() = 0;
    // A deferred answer. dead_endpoint, not_ready: the client is gone or gave up.
    virtual Completion answer(Endpoint client, const Message& message) = 0;
};

} // namespace tessera::pm
