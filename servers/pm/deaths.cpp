// SPDX-License-Identifier: BSD-3-Clause
// What happens when processes die, PM itself included.

#include "servers/pm/service.h"
#include <algorithm>

namespace tessera::pm {

using protocol::pm::id_of;
using protocol::pm::Wait;
using protocol::pm::WaitFor;

void Service::notified(Endpoint source, const NotificationMessage&) {
    if (source == endpoints::clock) return scheduling_.lift();
    if (source != endpoints::kernel) return;
    scheduling_.quantum_used();
    for (auto death = system_.next_death(); death.has_value(); death = system_.next_death())
        died(death->endpoint, death->cause, death->detail);
}

void Service::died(Endpoint endpoint, DeathCause cause, std::uint64_t detail) {
    system_.destroy_space(endpoint);
    waiters_[endpoint.slot()] = {};
    disown_children(endpoint);
    table_.mark_dead(endpoint, cause, detail);
    if (const auto process = table_.find(endpoint)) {
        watches_.died(endpoint);
        settle(*process);
    } else
        system_.destroy_slot(endpoint); // none of PM's
}

// The children of a dead parent go to nobody.
void Service::disown_children(Endpoint parent) {
    for (auto child = table_.first_child(parent); child; child = table_.first_child(parent)) {
        table_.disown(child->endpoint);
        if (child->state == ProcessState::dead) dismiss(child->endpoint);
    }
}

// A dead process keeps its slot until its parent was told of it, or there is none to tell.
void Service::settle(const Process& dead) {
    Waiter& waiter = waiters_[dead.parent.slot() % process_limit];
    const bool waits = dead.parent != endpoints::none && waiter.client == dead.parent &&
                       (waiter.child == endpoints::none || waiter.child == dead.endpoint);
    bool told = false;
    if (waits) {
        const auto purpose = waiter.purpose;
        waiter = {};
        const runtime::Outcome<Wait::Reply> outcome =
            Wait::Reply{.process_id = id_of(dead.endpoint).value, .cause = dead.cause, .detail = dead.detail};
        told = system_.answer(dead.parent, *outcome.message()).has_value() && purpose == WaitFor::forget;
    }
    if (told || !lives(dead.parent)) dismiss(dead.endpoint);
    if (table_.find(dead.parent)) (void)send_signal(dead.parent, Signal::child);
}

// No parent has a claim on it any more. Who watches it keeps its slot until it was told.
void Service::dismiss(Endpoint dead) {
    if (watches_.watched(dead))
        table_.disown(dead);
    else
        bury(dead);
}

// First the table: a slot that is free there and not in the kernel is found at the next start of PM.
void Service::bury(Endpoint dead) {
    watches_.forget(dead);
    table_.forget(dead);
    system_.destroy_slot(dead);
}

// Makes room in the table: parents and watchers were services, of whose deaths PM does not hear.
void Service::bury_orphans() {
    watches_.drop_the_gone();
    table_.for_each([&](const Process& process) {
        if (process.state == ProcessState::dead && !lives(process.parent)) dismiss(process.endpoint);
    });
}

bool Service::lives(Endpoint parent) {
    if (parent == endpoints::none) return false;
    if (const auto process = table_.find(parent)) return process->state == ProcessState::living;
    return system_.lives(parent);
}

namespace {

bool blocked_by(const ProcessInformation& process, Blocker blocker) {
    return (process.blockers & static_cast<std::uint32_t>(blocker)) != 0;
}

} // namespace

Service::Recovered Service::recover() {
    Recovered recovered;
    undo_forks();
    const auto existing = system_.user_processes();
    table_.for_each([&](const Process& process) {
        if (std::ranges::contains(existing, process.endpoint, &ProcessInformation::endpoint)) return;
        if (process.state == ProcessState::dead) { // its parent was told
            watches_.forget(process.endpoint);
            return table_.forget(process.endpoint);
        }
        ++recovered.unseen;
        disown_children(process.endpoint);
        table_.mark_dead(process.endpoint, DeathCause::none, 0);
    });
    for (const ProcessInformation& process : existing)
        if (!blocked_by(process, Blocker::dead)) take_stock(process, recovered);
    notified(endpoints::kernel, {});
    // Deaths that the kernel reported to a predecessor, which did not live to act on them: the address is not known any
    // more.
    for (const ProcessInformation& process : system_.user_processes()) {
        const auto known = table_.find(process.endpoint);
        if (blocked_by(process, Blocker::dead) && (!known || known->state != ProcessState::dead))
            died(process.endpoint, process.death_cause, 0);
    }
    bury_orphans();
    watches_.tell_all();
    return recovered;
}

// A fork that was under way when PM died: the parent was told that it failed.
void Service::undo_forks() {
    table_.for_each([&](const Process& process) {
        if (process.state != ProcessState::beginning) return;
        table_.forget(process.endpoint);
        (void)system_.kill(process.endpoint); // its death comes as one of nobody's
    });
    for (const ProcessInformation& process : system_.user_processes())
        if (blocked_by(process, Blocker::no_space) && !blocked_by(process, Blocker::dead))
            (void)system_.kill(process.endpoint);
}

void Service::take_stock(const ProcessInformation& process, Recovered& recovered) {
    scheduling_.adopt(process);
    const bool known = table_.find(process.endpoint).has_value();
    if (!known) table_.add(process.endpoint, endpoints::none, ProcessState::living);
    ++(known ? recovered.living : recovered.adopted);
}

} // namespace tessera::pm
