// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/core/process.h"

namespace tessera::kernel {

ProcessTable::ProcessTable() {
    for (std::uint32_t slot = 0; slot < process_limit; ++slot) {
        processes_[slot].endpoint = Endpoint{slot, 0};
        processes_[slot].block(Blocker::free_slot);
    }
}

namespace {

// Generation 0 is no endpoint's, the last one is that of the special endpoints. A slot comes round after a million
// uses; the free slot used longest ago is not tracked: an endpoint would have to be kept over all of them to be
// mistaken.
std::uint32_t next_generation(std::uint32_t generation) {
    return generation + 1 >= Endpoint::generation_limit - 1 ? 1 : generation + 1;
}

} // namespace

Result<Process*> ProcessTable::create(Name name) {
    for (std::uint32_t slot = 0; slot < process_limit; ++slot) {
        Process& process = processes_[slot];
        if (!process.blocked_by(Blocker::free_slot)) continue;
        const Endpoint endpoint{slot, next_generation(process.endpoint.generation())};
        process = Process{};
        process.endpoint = endpoint;
        process.name = name;
        process.extended = arch::initial_extended_state();
        process.block(Blocker::stopped);
        process.block(Blocker::no_space);
        process.drop_translations = true;
        return &process;
    }
    return Status::no_space;
}

void ProcessTable::release(Process& process) {
    process.blockers = static_cast<std::uint32_t>(Blocker::free_slot);
    process.privileges = {};
    process.grants = {};
}

Result<Process*> ProcessTable::present(Endpoint endpoint) {
    if (endpoint.slot() >= process_limit) return Status::dead_endpoint;
    Process& process = processes_[endpoint.slot()];
    if (process.endpoint != endpoint || process.blocked_by(Blocker::free_slot)) return Status::dead_endpoint;
    return &process;
}

Result<Process*> ProcessTable::living(Endpoint endpoint) {
    Process* process = TESSERA_TRY(present(endpoint));
    if (process->blocked_by(Blocker::dead)) return Status::dead_endpoint;
    return process;
}

Process* ProcessTable::service(ServiceId id) {
    if (id == service_ids::user) return nullptr;
    for (Process& process : processes_)
        if (!process.blocked_by(Blocker::free_slot) && !process.blocked_by(Blocker::dead) &&
            process.privileges.service == id)
            return &process;
    return nullptr;
}

} // namespace tessera::kernel
