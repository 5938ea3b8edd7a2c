// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// What PM needs of the kernel, RS and VM. Tests bring their own.

#include "kernel/abi/kernel_calls.h"
#include "kernel/abi/message.h"
#include "kernel/abi/process.h"
#include "kernel/abi/result.h"
#include <vector>

namespace tessera::pm {

class System {
public:
    virtual ~System() = default;
    // A program of the boot archive, running. Errors: those of RS's ProgramStart.
    virtual Result<Endpoint> start_program(const Name& program) = 0;
    // Frees the space and the slot of a dead process.
    virtual void reap(Endpoint process) = 0;
    virtual Completion kill(Endpoint process) = 0;
    virtual bool lives(Endpoint process) = 0;
    // no_entry: no further one.
    virtual Result<DeathReport> next_death() = 0;
    // no_entry: nobody waits for its scheduler.
    virtual Result<kernel_calls::ScheduleNext::Reply> schedule_next() = 0;
    virtual Completion schedule(Endpoint process, std::uint16_t priority, std::uint32_t quantum_milliseconds) = 0;
    virtual void ring_after(Nanoseconds delay) = 0; // a notification of the clock
    // Every user process that the kernel has, dead ones that nobody reaped included.
    virtual std::vector<ProcessInformation> user_processes() = 0;
    // A deferred answer. dead_endpoint, not_ready: the client is gone or gave up.
    virtual Completion answer(Endpoint client, const Message& message) = 0;
};

} // namespace tessera::pm
