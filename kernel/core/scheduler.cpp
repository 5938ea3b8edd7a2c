// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/core/scheduler.h"
#include "kernel/arch/contract/machine.h"
#include <bit>

namespace tessera::kernel {

namespace {

std::uint32_t quantum_ticks(const Process& process) {
    constexpr std::uint64_t tick_milliseconds = arch::clock_tick_nanoseconds / 1'000'000;
    const std::uint64_t ticks = process.privileges.quantum_milliseconds / tick_milliseconds;
    return ticks == 0 ? 1 : static_cast<std::uint32_t>(ticks);
}

} // namespace

void Scheduler::update(Process& process) {
    if (process.runnable() == process.queued) return;
    if (process.runnable())
        push(process);
    else
        remove(process);
}

void Scheduler::change_privileges(Process& process, const Privileges& privileges) {
    if (process.queued) remove(process);
    process.privileges = privileges;
    update(process);
}

Process* Scheduler::pick() const {
    return occupied_ == 0 ? nullptr : queues_[static_cast<std::size_t>(std::countr_zero(occupied_))].first;
}

void Scheduler::tick(Process& running) {
    if (running.quantum_left > 0) --running.quantum_left;
    if (running.quantum_left > 0 || !running.queued) return;
    remove(running);
    push(running);
}

void Scheduler::push(Process& process) {
    Queue& queue = queues_[process.privileges.priority];
    process.next_ready = nullptr;
    process.queued = true;
    process.quantum_left = quantum_ticks(process);
    (queue.first == nullptr ? queue.first : queue.last->next_ready) = &process;
    queue.last = &process;
    occupied_ |= 1u << process.privileges.priority;
}

void Scheduler::remove(Process& process) {
    Queue& queue = queues_[process.privileges.priority];
    Process* previous = nullptr;
    for (Process* entry = queue.first; entry != &process; entry = entry->next_ready) previous = entry;
    (previous == nullptr ? queue.first : previous->next_ready) = process.next_ready;
    if (queue.last == &process) queue.last = previous;
    process.next_ready = nullptr;
    process.queued = false;
    if (queue.first == nullptr) occupied_ &= ~(1u << process.privileges.priority);
}

} // namespace tessera::kernel
