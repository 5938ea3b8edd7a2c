// SPDX-License-Identifier: BSD-3-Clause
// What processes ask for.

#include "servers/pm/service.h"

namespace tessera::pm {

using namespace protocol::pm;

template <class Visitor> void Service::for_each_child(Endpoint parent, ProcessId id, Visitor&& visitor) const {
    table_.for_each([&](const Process& process) {
        if (process.parent == parent && (id.value == 0 || process.id == id)) visitor(process);
    });
}

// Room is made by forgetting the dead whose parents are gone: of services PM hears no deaths.
bool Service::has_room(Endpoint parent) {
    std::size_t children = 0;
    std::size_t all = 0;
    table_.for_each([&](const Process& process) {
        if (process.state == ProcessState::dead && !system_.lives(process.parent))
            return table_.forget(process.endpoint);
        ++all;
        if (process.parent == parent) ++children;
    });
    return children < children_limit && all < process_limit;
}

Service::Outcome<Spawn::Reply> Service::handle(Spawn, const Spawn::Request& request, Endpoint caller) {
    if (!has_room(caller)) return Status::no_space;
    const auto endpoint = system_.start_program(request.program);
    if (!endpoint.has_value()) return endpoint.error();
    const auto id = table_.add(*endpoint, caller);
    if (!id.has_value()) return id.error();
    return Spawn::Reply{.process_id = id->value, .endpoint = *endpoint};
}

Service::Outcome<Wait::Reply> Service::handle(Wait, const Wait::Request& request, Endpoint caller) {
    std::optional<Process> dead;
    std::size_t matching = 0;
    for_each_child(caller, {request.process_id}, [&](const Process& process) {
        ++matching;
        if (process.state == ProcessState::dead) dead = process;
    });
    if (matching == 0) return Status::no_such;
    if (!dead) {
        waiters_[caller.slot()] = {.client = caller, .id = {request.process_id}};
        return runtime::Deferred{};
    }
    table_.forget(dead->endpoint);
    return Wait::Reply{.process_id = dead->id.value, .cause = dead->cause, .detail = dead->detail};
}

bool Service::is_ancestor(Endpoint ancestor, Process process) const {
    for (std::size_t steps = 0; steps < process_limit; ++steps) {
        if (process.parent == ancestor) return true;
        const auto parent = table_.find(process.parent);
        if (!parent) return false;
        process = *parent;
    }
    return false;
}

// A process may kill itself and its descendants; a caller without a process id is a service, which may kill any.
Service::Outcome<protocol::Nothing> Service::handle(Kill, const Kill::Request& request, Endpoint caller) {
    const auto target = table_.find(ProcessId{request.process_id});
    if (!target) return Status::no_such;
    const bool service = !table_.find(caller).has_value();
    if (!service && target->endpoint != caller && !is_ancestor(caller, *target)) return Status::not_permitted;
    if (target->state == ProcessState::living)
        if (const auto killed = system_.kill(target->endpoint);
            !killed.has_value() && killed.error() != Status::dead_endpoint)
            return killed.error();
    return protocol::Nothing{};
}

Service::Outcome<Identify::Reply> Service::handle(Identify, const Identify::Request&, Endpoint caller) {
    const auto process = table_.find(caller);
    if (!process) return Status::no_such;
    const auto parent = table_.find(process->parent);
    return Identify::Reply{.process_id = process->id.value, .parent_id = parent ? parent->id.value : 0};
}

} // namespace tessera::pm
