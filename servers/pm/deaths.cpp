// SPDX-License-Identifier: BSD-3-Clause
// What happens when processes die, PM itself included.

#include "servers/pm/service.h"
#include <algorithm>

namespace tessera::pm {

using protocol::pm::Wait;

void Service::notified(Endpoint source, const NotificationMessage&) {
    if (source == endpoints::clock) return scheduling_.lift();
    if (source != endpoints::kernel) return;
    scheduling_.quantum_used();
    for (auto death = system_.next_death(); death.has_value(); death = system_.next_death())
        died(death->endpoint, death->cause, death->detail);
}

void Service::died(Endpoint endpoint, DeathCause cause, std::uint64_t detail) {
    system_.reap(endpoint);
    waiters_[endpoint.slot()] = {};
    become_orphans(endpoint);
    table_.mark_dead(endpoint, cause, detail);
    if (const auto process = table_.find(endpoint)) settle(*process);
}

// The children of a dead parent go to nobody.
void Service::become_orphans(Endpoint parent) {
    table_.for_each([&](const Process& process) {
        if (process.parent != parent) return;
        table_.disown(process.endpoint);
        if (process.state == ProcessState::dead) table_.forget(process.endpoint);
    });
}

// A dead process is forgotten when its parent was told of it, or when there is none to tell.
void Service::settle(const Process& process) {
    if (!system_.lives(process.parent)) return table_.forget(process.endpoint);
    Waiter& waiter = waiters_[process.parent.slot()];
    const bool waits = waiter.client == process.parent && (waiter.id.value == 0 || waiter.id == process.id);
    if (!waits) return;
    waiter = {};
    const runtime::Outcome<Wait::Reply> outcome =
        Wait::Reply{.process_id = process.id.value, .cause = process.cause, .detail = process.detail};
    if (system_.answer(process.parent, *outcome.message()).has_value()) table_.forget(process.endpoint);
}

Service::Recovered Service::recover() {
    Recovered recovered;
    const auto existing = system_.user_processes();
    const auto exists = [&](Endpoint endpoint) {
        return std::ranges::contains(existing, endpoint, &ProcessInformation::endpoint);
    };
    table_.for_each([&](const Process& process) {
        if (process.state == ProcessState::dead || exists(process.endpoint)) return;
        ++recovered.unseen;
        table_.mark_dead(process.endpoint, DeathCause::none, 0);
        become_orphans(process.endpoint);
    });
    for (const ProcessInformation& process : existing) {
        if ((process.blockers & static_cast<std::uint32_t>(Blocker::dead)) != 0) continue;
        scheduling_.adopt(process);
        const bool known = table_.find(process.endpoint).has_value();
        if (known || table_.add(process.endpoint, endpoints::none).has_value())
            ++(known ? recovered.living : recovered.adopted);
    }
    notified(endpoints::kernel, {});
    // Deaths that the kernel reported to a predecessor, which did not live to reap them: the address is not known any
    // more.
    for (const ProcessInformation& process : system_.user_processes())
        if ((process.blockers & static_cast<std::uint32_t>(Blocker::dead)) != 0)
            died(process.endpoint, process.death_cause, 0);
    // What was settled with a predecessor's parents is settled again: some of them are gone.
    table_.for_each([&](const Process& process) {
        if (process.state == ProcessState::dead && !system_.lives(process.parent)) table_.forget(process.endpoint);
    });
    return recovered;
}

} // namespace tessera::pm
