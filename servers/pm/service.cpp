// SPDX-License-Identifier: BSD-3-Clause
// What processes ask for.

#include "servers/pm/service.h"
#include "kernel/abi/calls/signals.h"

namespace tessera::pm {

using namespace protocol::pm;

// PM hears no deaths of services: the children of one that had this slot are found here.
bool Service::may_have_another_child(Endpoint parent) {
    if (const Endpoint former = table_.former_parent(parent); former != endpoints::none) disown_children(former);
    return table_.child_count(parent) < children_limit;
}

Service::Outcome<Spawn::Reply> Service::handle(Spawn, const Spawn::Request& request, Endpoint caller) {
    if (!may_have_another_child(caller)) return Status::no_space;
    auto endpoint = system_.start_program(request.program);
    if (endpoint.status() == Status::no_space) {
        bury_orphans();
        endpoint = system_.start_program(request.program);
    }
    if (!endpoint.has_value()) return endpoint.error();
    table_.add(*endpoint, caller, ProcessState::living);
    return Spawn::Reply{.process_id = id_of(*endpoint).value, .endpoint = *endpoint};
}

// A child is in the table before it has a space, and is `living` before it can run.
Result<Endpoint> Service::fork(Endpoint parent) {
    if (!table_.find(parent)) return Status::not_permitted;
    if (!may_have_another_child(parent)) return Status::try_again;
    auto child = system_.fork_process(parent);
    if (child.status() == Status::no_space) {
        bury_orphans();
        child = system_.fork_process(parent);
    }
    if (!child.has_value()) return child.status() == Status::no_space ? Status::try_again : child.error();
    table_.add(*child, parent, ProcessState::beginning);
    if (const auto space = system_.fork_space(parent, *child); !space.has_value()) {
        bury(*child);
        return space.error();
    }
    table_.mark_living(*child);
    return *child;
}

Service::Outcome<Fork::Reply> Service::handle(Fork, const Fork::Request&, Endpoint caller) {
    const auto child = fork(caller);
    if (!child.has_value()) return child.error();
    const Outcome<Fork::Reply> to_child = Fork::Reply{.process_id = 0};
    (void)system_.answer(*child, *to_child.message()); // killed already: its parent will learn it
    return Fork::Reply{.process_id = id_of(*child).value};
}

Service::Outcome<protocol::Nothing> Service::handle(Exec, const Exec::Request& request, Endpoint caller) {
    if (!table_.find(caller)) return Status::not_permitted;
    if (const auto done = system_.exec(caller, request); !done.has_value()) return done.error();
    return runtime::Deferred{}; // who asked is no more
}

// The child that a request is about; a dead one if there is any.
Result<Process> Service::waited_for(const Wait::Request& request, Endpoint parent) const {
    const auto child =
        request.process_id == 0 ? table_.first_child(parent) : table_.find(endpoint_of({request.process_id}));
    if (!child || child->parent != parent) return Status::no_such;
    return *child;
}

Service::Outcome<Wait::Reply> Service::handle(Wait, const Wait::Request& request, Endpoint caller) {
    const auto child = waited_for(request, caller);
    if (!child.has_value()) return child.error();
    if (child->state != ProcessState::dead) {
        if (request.time == WaitTime::none) return Wait::Reply{};
        const Endpoint one = request.process_id == 0 ? endpoints::none : child->endpoint;
        waiters_[caller.slot()] = {.client = caller, .child = one, .purpose = request.purpose};
        return runtime::Deferred{};
    }
    if (request.purpose == WaitFor::forget) dismiss(child->endpoint);
    return Wait::Reply{.process_id = id_of(child->endpoint).value, .cause = child->cause, .detail = child->detail};
}

// The oldest living forebear that PM knows: who was started by a service, or lost its parent.
Endpoint Service::first_ancestor(Process process) const {
    for (auto parent = table_.find(process.parent); parent; parent = table_.find(process.parent)) process = *parent;
    return process.endpoint;
}

// A caller without a process id is a service.
bool Service::may_signal(Endpoint caller, const Process& target) const {
    const auto process = table_.find(caller);
    return !process || first_ancestor(*process) == first_ancestor(target);
}

Service::Outcome<protocol::Nothing> Service::handle(Kill, const Kill::Request& request, Endpoint caller) {
    const auto target = table_.find(endpoint_of({request.process_id}));
    if (!target) return Status::no_such;
    if (!may_signal(caller, *target)) return Status::not_permitted;
    if (request.signal == Signal::none || target->state == ProcessState::dead) return protocol::Nothing{};
    const auto sent = send_signal(target->endpoint, request.signal);
    if (!sent.has_value() && sent.error() != Status::dead_endpoint) return sent.error(); // a death is on its way
    return protocol::Nothing{};
}

Completion Service::send_signal(Endpoint process, Signal signal) {
    if (signal == Signal::kill) return system_.kill(process);
    const auto effect = TESSERA_TRY(system_.post_signal(process, signal));
    if (effect == kernel_calls::SignalEffect::delivered) {
        interrupt_wait(process);
        watches_.signalled(process);
    }
    return Done{};
}

// It handles the signal when it has its answer.
void Service::interrupt_wait(Endpoint process) {
    Waiter& waiter = waiters_[process.slot()];
    if (waiter.client != process) return;
    waiter = {};
    (void)system_.answer(process, runtime::error_message(Status::interrupted));
}

Service::Outcome<Identify::Reply> Service::handle(Identify, const Identify::Request&, Endpoint caller) {
    const auto process = table_.find(caller);
    if (!process) return Status::no_such;
    const auto parent = table_.find(process->parent);
    return Identify::Reply{.process_id = id_of(caller).value, .parent_id = parent ? id_of(parent->endpoint).value : 0};
}

Service::Outcome<protocol::Nothing> Service::handle(Watch, const Watch::Request& request, Endpoint caller) {
    const auto process = table_.find(request.process);
    if (!process || process->state == ProcessState::dead) return Status::no_such;
    if (const auto watched = watches_.watch(caller, request.process); !watched.has_value()) return watched.error();
    return protocol::Nothing{};
}

Service::Outcome<protocol::Nothing> Service::handle(Unwatch, const Unwatch::Request& request, Endpoint caller) {
    const auto process = table_.find(request.process);
    if (!process) return protocol::Nothing{};
    watches_.unwatch(caller, request.process);
    if (process->state == ProcessState::dead && process->parent == endpoints::none) dismiss(request.process);
    return protocol::Nothing{};
}

Service::Outcome<WatchNext::Reply> Service::handle(WatchNext, const WatchNext::Request&, Endpoint caller) {
    const auto is_dead = [&](std::uint32_t slot) { return table_.in_slot(slot).state == ProcessState::dead; };
    const std::uint32_t slot = watches_.next(caller, is_dead);
    if (slot == process_limit) return Status::no_entry;
    const Process process = table_.in_slot(slot);
    if (process.state != ProcessState::dead)
        return WatchNext::Reply{.process = process.endpoint, .event = WatchEvent::signal};
    if (process.parent == endpoints::none) dismiss(process.endpoint);
    return WatchNext::Reply{.process = process.endpoint, .event = WatchEvent::death};
}

Service::Outcome<Statistics::Reply> Service::handle(Statistics, const Statistics::Request&, Endpoint) {
    Statistics::Reply reply{.watch_notifications = watches_.notifications(), .living = 0, .dead = 0, .watched = 0};
    table_.for_each([&](const Process& process) {
        ++(process.state == ProcessState::dead ? reply.dead : reply.living);
        if (watches_.watched(process.endpoint)) ++reply.watched;
    });
    return reply;
}

} // namespace tessera::pm
