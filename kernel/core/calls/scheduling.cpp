// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/core/calls/handlers.h"

namespace tessera::kernel::calls {

using namespace kernel_calls;

namespace {

bool is_scheduler_of(const Process& caller, const Process& process) {
    return caller.privileges.service != service_ids::user && caller.privileges.service == process.privileges.scheduler;
}

} // namespace

Handled<ScheduleNext> handle(ScheduleNext, Kernel& kernel, Process& caller, const ScheduleNext::Request&) {
    for (Process& process : kernel.processes.all()) {
        if (!process.blocked_by(Blocker::no_quantum) || process.scheduler_told) continue;
        if (process.blocked_by(Blocker::dead) || !is_scheduler_of(caller, process)) continue;
        process.scheduler_told = true;
        return ScheduleNext::Reply{.endpoint = process.endpoint,
                                   .priority = process.priority,
                                   .most_urgent = process.privileges.priority,
                                   .processor_time = process.processor_time};
    }
    return Status::no_entry;
}

Handled<Schedule> handle(Schedule, Kernel& kernel, Process& caller, const Schedule::Request& request) {
    Process* process = TESSERA_TRY(kernel.processes.living(request.endpoint));
    if (!is_scheduler_of(caller, *process)) return Status::not_permitted;
    if (request.priority >= priority_count || request.priority < process->privileges.priority) return Status::invalid;
    if (request.quantum_milliseconds == 0 || request.quantum_milliseconds > quantum_limit_milliseconds)
        return Status::invalid;
    kernel.scheduler.schedule(*process, static_cast<std::uint8_t>(request.priority), request.quantum_milliseconds);
    return NoReply{};
}

} // namespace tessera::kernel::calls
