// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/core/process.h"
#include "kernel/core/timer.h"
#include <algorithm>

namespace tessera::kernel {

void Process::set_privileges(const Privileges& value) {
    privileges = value;
    set_priority(value.priority);
    set_quantum(value.quantum_milliseconds);
    callable = plain_calls();
}

void Process::observe(Observation observation) {
    if (observation == Observation::on)
        raise(Attention::observed);
    else
        settle(Attention::observed);
    callable = plain_calls();
}

std::uint64_t Process::allowed_calls() const {
    constexpr auto calls = 1u << static_cast<std::uint32_t>(Primitive::kernel_call);
    return (privileges.primitive_mask & calls) != 0 ? privileges.kernel_call_mask : 0;
}

void Process::set_priority(std::uint8_t value) {
    priority = value;
    more_urgent = (1u << value) - 1;
}

void Process::set_quantum(std::uint32_t milliseconds) {
    constexpr std::uint64_t tick_milliseconds = tick_period.value / 1'000'000;
    const std::uint64_t ticks = milliseconds / tick_milliseconds;
    quantum = ticks == 0 ? 1 : static_cast<std::uint32_t>(ticks);
}

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
        end_ = std::max(end_, slot + 1);
        const Endpoint endpoint{slot, next_generation(process.endpoint.generation())};
        const bool observed = process.needs(Attention::observed);
        process = Process{};
        if (observed) process.raise(Attention::observed);
        process.endpoint = endpoint;
        process.name = name;
        process.extended = arch::initial_extended_state();
        process.set_privileges({});
        process.block(Blocker::stopped);
        process.block(Blocker::no_space);
        process.raise(Attention::translations);
        return &process;
    }
    return Status::no_space;
}

void ProcessTable::release(Process& process) {
    process.blockers = static_cast<std::uint32_t>(Blocker::free_slot);
    process.set_privileges({});
    process.grants = {};
}

void ProcessTable::observe(Observation observation) {
    for (Process& process : processes_) process.observe(observation);
}

Process* ProcessTable::service(ServiceId id) {
    if (id == service_ids::user) return nullptr;
    for (Process& process : all())
        if (!process.blocked_by(Blocker::free_slot) && !process.blocked_by(Blocker::dead) &&
            process.privileges.service == id)
            return &process;
    return nullptr;
}

} // namespace tessera::kernel
