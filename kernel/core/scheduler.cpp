// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/core/scheduler.h"
#include <bit>

namespace tessera::kernel {

namespace {

void renew_quantum(Process& process) {
    if (process.quantum_left == 0) process.quantum_left = process.quantum;
}

} // namespace

void Scheduler::update(Process& process) {
    if (&process == running_ || process.runnable() == process.queued) return;
    if (!process.runnable()) return remove(process);
    if (!preempts(process)) return push_back(process);
    put_back(*running_);
    renew_quantum(process);
    running_ = &process;
}

// Whether a process that became runnable takes the processor from the running one: it need not be queued for that.
bool Scheduler::preempts(const Process& process) const {
    return running_ != nullptr && running_->runnable() && process.priority < running_->priority &&
           (occupied_ & process.more_urgent) == 0;
}

void Scheduler::change_privileges(Process& process, const Privileges& privileges) {
    if (process.queued) remove(process);
    process.set_privileges(privileges);
    go_on(process);
}

void Scheduler::schedule(Process& process, std::uint8_t priority, std::uint32_t quantum_milliseconds) {
    process.set_quantum(quantum_milliseconds);
    process.quantum_left = process.quantum;
    move(process, priority);
    go_on(process);
}

void Scheduler::hold(Process& process) {
    process.block(Blocker::no_quantum);
    process.scheduler_told = false;
    update(process);
}

void Scheduler::go_on(Process& process) {
    process.unblock(Blocker::no_quantum);
    update(process);
}

// It has used up its quantum: those of the next priority get their turn too, and so in the end everybody.
void Scheduler::sink(Process& process) {
    if (process.priority + 1 < priority_count) move(process, static_cast<std::uint8_t>(process.priority + 1));
}

void Scheduler::lift(Process& process) { move(process, static_cast<std::uint8_t>(process.priority - 1)); }

void Scheduler::move(Process& process, std::uint8_t priority) {
    if (process.queued) remove(process);
    process.set_priority(priority);
    update(process);
}

Process* Scheduler::choose_other() {
    if (running_ != nullptr && running_->runnable()) put_back(*running_);
    if (occupied_ == 0) return nullptr;
    running_ = queues_[static_cast<std::size_t>(std::countr_zero(occupied_))].first;
    remove(*running_);
    return running_;
}

bool Scheduler::tick() {
    if (running_ == nullptr || !running_->runnable() || running_->quantum_left == 0) return false;
    return --running_->quantum_left == 0;
}

void Scheduler::forget(const Process& process) {
    if (running_ == &process) running_ = nullptr;
}

// Who ran keeps its place with the rest of its quantum. So nobody in a queue is without.
void Scheduler::put_back(Process& process) {
    if (process.quantum_left != 0)
        push_front(process);
    else
        push_back(process);
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
    occupied_ |= 1u << process.priority;
    return queues_[process.priority];
}

void Scheduler::remove(Process& process) {
    Queue& queue = queues_[process.priority];
    Process* previous = nullptr;
    for (Process* entry = queue.first; entry != &process; entry = entry->next_ready) previous = entry;
    (previous == nullptr ? queue.first : previous->next_ready) = process.next_ready;
    if (queue.last == &process) queue.last = previous;
    process.next_ready = nullptr;
    process.queued = false;
    if (queue.first == nullptr) occupied_ &= ~(1u << process.priority);
}

} // namespace tessera::kernel
