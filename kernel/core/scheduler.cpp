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

void renew_quantum(Process& process) {
    if (process.quantum_left == 0) process.quantum_left = quantum_ticks(process);
}

} // namespace

void Scheduler::update(Process& process) {
    if (&process == running_ || process.runnable() == process.queued) return;
    if (!process.runnable()) return remove(process);
    if (!preempts(process)) return push_back(process);
    push_front(*running_);
    renew_quantum(process);
    running_ = &process;
}

// Whether a process that became runnable takes the processor from the running one: it need not be queued for that.
bool Scheduler::preempts(const Process& process) const {
    return running_ != nullptr && running_->runnable() && process.privileges.priority < running_->privileges.priority &&
           (occupied_ & process.more_urgent) == 0;
}

void Scheduler::change_privileges(Process& process, const Privileges& privileges) {
    if (process.queued) remove(process);
    process.set_privileges(privileges);
    update(process);
}

Process* Scheduler::choose_other() {
    if (running_ != nullptr && running_->runnable()) {
        if (running_->quantum_left != 0)
            push_front(*running_);
        else
            push_back(*running_);
    }
    if (occupied_ == 0) return nullptr;
    running_ = queues_[static_cast<std::size_t>(std::countr_zero(occupied_))].first;
    remove(*running_);
    return running_;
}

void Scheduler::tick() {
    if (running_ != nullptr && running_->runnable() && running_->quantum_left > 0) --running_->quantum_left;
}

void Scheduler::forget(const Process& process) {
    if (running_ == &process) running_ = nullptr;
}

void Scheduler::push_back(Process& process) {
    renew_quantum(process);
    Queue& queue = enter_queue(process);
    process.next_ready = nullptr;
    (queue.first == nullptr ? queue.first : queue.last->next_ready) = &process;
    queue.last = &process;
}

void Scheduler::push_front(Process& process) {
    Queue& queue = enter_queue(process);
    process.next_ready = queue.first;
    if (queue.first == nullptr) queue.last = &process;
    queue.first = &process;
}

Scheduler::Queue& Scheduler::enter_queue(Process& process) {
    process.queued = true;
    occupied_ |= 1u << process.privileges.priority;
    return queues_[process.privileges.priority];
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
