// SPDX-License-Identifier: BSD-3-Clause
// The part of the reference model that is about the life of processes, time and the ready lists.

#include "kernel/abi/calls/scheduling.h"
#include "tests/unit/kernel/message_model.h"
#include <algorithm>
#include <format>

namespace tessera::kernel::test {

// ---- Birth and death

Endpoint MessageModel::create() {
    std::uint32_t slot = 0;
    while (processes.contains(slot)) ++slot;
    const Endpoint endpoint{slot, ++generations_[slot]};
    processes[slot] = ModelProcess{.endpoint = endpoint};
    return endpoint;
}

void MessageModel::abandon(ModelProcess& process) {
    for (auto& [slot, other] : processes) other.senders.remove(process.endpoint.slot());
    process.sends_to.reset();
    process.receives_from.reset();
    process.awaits_reply = false;
    process.vm_wait = VmWait::none;
    process.call_restarts = false;
    process.outcome.reset();
    settle(process);
}

// Out of everything that it is part of; who waits for it wakes.
void MessageModel::withdraw(ModelProcess& process) {
    abandon(process);
    for (auto& [slot, other] : processes) {
        other.notifiers.erase(process.endpoint.slot());
        if (&other == &process) continue;
        if (other.sends_to != process.endpoint && other.receives_from != process.endpoint) continue;
        abandon(other);
        other.outcome = Outcome{.status = Status::dead_endpoint};
    }
    process.notifiers.clear();
    lose_asynchronous(process);
    for (auto& [slot, other] : processes)
        if (process.service != service_ids::user && other.scheduler == process.service) go_on(other);
    process.alarm = 0;
    if (watcher == process.endpoint.slot()) watcher = no_slot;
}

void MessageModel::lose_asynchronous(ModelProcess& dead) {
    for (const ModelAsynchronous& each : dead.asynchronous) {
        auto& lost = processes.at(each.from).lost;
        lost.push_back(each);
        if (lost.size() == 1) notify_event(each.from, KernelEvent::message_lost);
    }
    dead.asynchronous.clear();
    dead.lost.clear();
    dead.wants_room = false;
    for (auto& [slot, process] : processes)
        process.asynchronous.remove_if([&](const auto& each) { return each.from == dead.endpoint.slot(); });
}

void MessageModel::die(std::uint32_t slot, Death death) {
    ModelProcess& process = processes.at(slot);
    if (watcher == slot) watcher = no_slot;
    if (death != Death::exit || process.service != service_ids::user) log_line(); // a program that ends is no news
    process.dead = true;
    withdraw(process);
    const std::uint32_t supervisor = living_service(process.supervisor);
    notify_event(supervisor == no_slot ? endpoints::rs.slot() : supervisor, KernelEvent::process_died);
}

std::uint32_t MessageModel::living_service(ServiceId service) const {
    if (service == service_ids::user) return no_slot;
    for (const auto& [slot, process] : processes)
        if (!process.dead && process.service == service) return slot;
    return no_slot;
}

Status MessageModel::kill(Endpoint endpoint) {
    if (living(endpoint) == nullptr) return Status::dead_endpoint;
    if (endpoint == endpoints::vm || endpoint == endpoints::rs) return Status::not_permitted;
    die(endpoint.slot());
    return Status::ok;
}

Status MessageModel::destroy(Endpoint endpoint) {
    ModelProcess* process = present(endpoint);
    if (process == nullptr) return Status::dead_endpoint;
    if (!process->no_space) return Status::busy;
    if (!process->dead) withdraw(*process);
    processes.erase(endpoint.slot());
    if (running_ == endpoint.slot()) running_ = no_slot;
    return Status::ok;
}

// ---- Holding, starting, faulting on purpose

Status MessageModel::bind(Endpoint endpoint) {
    ModelProcess* process = living(endpoint);
    if (process == nullptr) return Status::dead_endpoint;
    abandon(*process);
    process->no_space = false;
    settle(*process);
    return Status::ok;
}

Status MessageModel::unbind(Endpoint endpoint) {
    ModelProcess* process = present(endpoint);
    if (process == nullptr) return Status::dead_endpoint;
    if (!process->dead && !process->stopped) return Status::busy;
    process->no_space = true;
    return Status::ok;
}

Status MessageModel::start(Endpoint endpoint) {
    ModelProcess* process = living(endpoint);
    if (process == nullptr) return Status::dead_endpoint;
    if (process->no_space) return Status::invalid;
    process->stopped = false;
    settle(*process);
    return Status::ok;
}

Status MessageModel::stop(Endpoint endpoint) {
    ModelProcess* process = living(endpoint);
    if (process == nullptr) return Status::dead_endpoint;
    if (endpoint == endpoints::vm || endpoint == endpoints::rs) return Status::not_permitted;
    process->stopped = true;
    settle(*process);
    return Status::ok;
}

Status MessageModel::inject(Endpoint endpoint) {
    ModelProcess* process = living(endpoint);
    if (process == nullptr) return Status::dead_endpoint;
    if (endpoint == endpoints::vm || endpoint == endpoints::rs) return Status::not_permitted;
    if (process->no_space) return Status::invalid;
    abandon(*process);
    return Status::ok;
}

// ---- Time and log

void MessageModel::log_line() {
    if (watcher != no_slot) notify_event(watcher, KernelEvent::log_grew);
}

void MessageModel::watch_log(std::uint32_t slot) {
    watcher = slot;
    processes.at(slot).outcome = Outcome{};
}

void MessageModel::set_alarm(std::uint32_t slot, std::uint64_t deadline) {
    ModelProcess& process = processes.at(slot);
    process.alarm = deadline;
    process.alarm_rang = false;
    process.outcome = Outcome{};
}

void MessageModel::clock_tick() {
    for (auto& [slot, process] : processes) {
        if (process.alarm == 0 || process.alarm > now) continue;
        process.alarm = 0;
        notify_alarm(slot);
    }
    const auto running = processes.find(running_);
    if (running != processes.end() && running->second.quantum > 0 && running->second.runnable())
        if (--running->second.quantum == 0) quantum_used(running->second);
    if (++ticks_ % ticks_between_lifts != 0) return;
    for (auto& [slot, process] : processes) {
        const std::uint32_t scheduler = living_service(process.scheduler);
        const bool by_kernel = scheduler == no_slot || scheduler == slot;
        if (by_kernel && process.priority > process.most_urgent)
            move(process, static_cast<std::uint8_t>(process.priority - 1));
    }
}

void MessageModel::quantum_used(ModelProcess& process) {
    const std::uint32_t scheduler = living_service(process.scheduler);
    if (scheduler != no_slot && scheduler != process.endpoint.slot()) {
        process.held = true;
        process.told = false;
        settle(process);
        return notify_event(scheduler, KernelEvent::quantum_used);
    }
    if (process.priority < priority_count - 1) move(process, static_cast<std::uint8_t>(process.priority + 1));
}

std::optional<Endpoint> MessageModel::schedule_next(ServiceId scheduler) {
    for (auto& [slot, process] : processes) {
        if (process.dead || !process.held || process.told || process.scheduler != scheduler) continue;
        process.told = true;
        return process.endpoint;
    }
    return std::nullopt;
}

Status MessageModel::schedule(ServiceId scheduler, Endpoint endpoint, std::uint64_t priority,
                              std::uint32_t milliseconds) {
    ModelProcess* process = living(endpoint);
    if (process == nullptr) return Status::dead_endpoint;
    if (process->scheduler != scheduler) return Status::not_permitted;
    if (priority >= priority_count || priority < process->most_urgent) return Status::invalid;
    if (milliseconds == 0 || milliseconds > kernel_calls::quantum_limit_milliseconds) return Status::invalid;
    process->whole_quantum = std::max<std::uint32_t>(1, milliseconds / tick_milliseconds);
    process->quantum = process->whole_quantum;
    move(*process, static_cast<std::uint8_t>(priority));
    go_on(*process);
    return Status::ok;
}

void MessageModel::move(ModelProcess& process, std::uint8_t priority) {
    ready[process.priority].remove(process.endpoint.slot());
    process.priority = priority;
    settle(process);
}

void MessageModel::go_on(ModelProcess& process) {
    process.held = false;
    settle(process);
}

// ---- Ready lists

void MessageModel::settle(ModelProcess& process) {
    auto& list = ready[process.priority];
    const std::uint32_t slot = process.endpoint.slot();
    const bool listed = std::ranges::count(list, slot) != 0;
    if (slot == running_ || listed == process.runnable()) return;
    if (listed) {
        list.remove(slot);
        return;
    }
    if (process.quantum == 0) process.quantum = process.whole_quantum;
    const auto running = processes.find(running_);
    const bool preempts = running != processes.end() && running->second.runnable() &&
                          process.priority < running->second.priority && !more_urgent_ready(process.priority);
    if (!preempts) return list.push_back(slot);
    put_back(running->second);
    running_ = slot;
}

// To the front with the rest of its quantum, or to the back with a new one.
void MessageModel::put_back(ModelProcess& process) {
    auto& list = ready[process.priority];
    const bool used_up = process.quantum == 0;
    list.insert(used_up ? list.end() : list.begin(), process.endpoint.slot());
    if (used_up) process.quantum = process.whole_quantum;
}

bool MessageModel::more_urgent_ready(std::uint8_t priority) const {
    return std::any_of(ready.begin(), ready.begin() + priority, [](const auto& list) { return !list.empty(); });
}

void MessageModel::change_privileges(std::uint32_t slot, const Privileges& privileges) {
    ModelProcess& process = processes.at(slot);
    ready[process.priority].remove(slot);
    process.send_mask = privileges.send_mask;
    process.service = privileges.service;
    process.supervisor = privileges.supervisor;
    process.scheduler = privileges.scheduler;
    process.most_urgent = process.priority = privileges.priority;
    process.whole_quantum = std::max<std::uint32_t>(1, privileges.quantum_milliseconds / tick_milliseconds);
    go_on(process);
}

std::optional<std::uint32_t> MessageModel::choose() {
    const auto running = processes.find(running_);
    if (running != processes.end() && running->second.runnable()) {
        ModelProcess& process = running->second;
        if (process.quantum != 0 && !more_urgent_ready(process.priority)) return running_;
        put_back(process);
    }
    for (auto& list : ready) {
        if (list.empty()) continue;
        running_ = list.front();
        list.pop_front();
        return running_;
    }
    return std::nullopt;
}

std::optional<std::uint32_t> MessageModel::next() {
    for (auto slot = choose(); slot; slot = choose()) {
        ModelProcess& process = processes.at(*slot);
        if (!process.call_restarts) return slot;
        process.call_restarts = false;
        write_log(*slot, process.word);
    }
    return std::nullopt;
}

// ---- Invariants

std::optional<std::string> MessageModel::broken_invariant() const {
    for (const auto& [slot, process] : processes) {
        for (const auto& peer : {process.sends_to, process.receives_from}) {
            if (!peer || peer->slot() >= Endpoint::slot_limit) continue;
            const auto found = processes.find(peer->slot());
            if (found == processes.end() || found->second.endpoint != *peer || found->second.dead)
                return std::format("slot {} waits for a dead endpoint", slot);
        }
        std::set<std::uint32_t> seen;
        for (const ModelProcess* at = &process; at != nullptr;) {
            if (!seen.insert(at->endpoint.slot()).second) return std::format("slot {} is in a cycle of waiting", slot);
            const auto next = at->sends_to ? at->sends_to : at->receives_from;
            const auto found = next ? processes.find(next->slot()) : processes.end();
            at = found == processes.end() ? nullptr : &found->second;
        }
        if (process.dead && process.waits()) return std::format("slot {} is dead and waits", slot);
        for (const std::uint32_t sender : process.senders) {
            const auto found = processes.find(sender);
            if (found == processes.end() || found->second.dead) return std::format("a dead sender in queue {}", slot);
        }
        for (const std::uint32_t notifier : process.notifiers) {
            const auto found = processes.find(notifier);
            if (found == processes.end() || found->second.dead) return std::format("a dead notifier of {}", slot);
        }
        for (const ModelAsynchronous& each : process.asynchronous) {
            const auto found = processes.find(each.from);
            if (found == processes.end() || found->second.dead)
                return std::format("a message of the dead kept for {}", slot);
        }
        if (kept_of(slot) > asynchronous_limit) return std::format("more is kept of {} than it may send", slot);
        const auto& list = ready[process.priority];
        if (std::ranges::count(list, slot) != (process.runnable() && slot != running_ ? 1 : 0))
            return std::format("slot {} is ready but not runnable, or the reverse", slot);
    }
    return std::nullopt;
}

} // namespace tessera::kernel::test
