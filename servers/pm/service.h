// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The operations of PmProtocol, and the deaths of processes.

#include "kernel/abi/privileges.h"
#include "servers/pm/process_table.h"
#include "servers/pm/scheduling.h"
#include "servers/pm/system.h"
#include "servers/protocols/pm.h"
#include "servers/runtime/server.h"

namespace tessera::pm {

inline constexpr std::size_t children_limit = 64; // of one parent, dead ones that it did not wait for included

class Service {
public:
    Service(ProcessTable& table, System& system) : table_(table), system_(system), scheduling_(system) {}

    struct Recovered {
        std::size_t living = 0;  // found in the kernel and in the table
        std::size_t adopted = 0; // found in the kernel only
        std::size_t unseen = 0;  // died and were reaped while there was no PM
    };
    // Once, at start: brings the table that a predecessor left up to date.
    Recovered recover();

    template <class Reply> using Outcome = runtime::Outcome<Reply>;

    Outcome<protocol::pm::Spawn::Reply> handle(protocol::pm::Spawn, const protocol::pm::Spawn::Request&,
                                               Endpoint caller);
    Outcome<protocol::pm::Wait::Reply> handle(protocol::pm::Wait, const protocol::pm::Wait::Request&, Endpoint caller);
    Outcome<protocol::Nothing> handle(protocol::pm::Kill, const protocol::pm::Kill::Request&, Endpoint caller);
    Outcome<protocol::pm::Identify::Reply> handle(protocol::pm::Identify, const protocol::pm::Identify::Request&,
                                                  Endpoint caller);

    // The kernel rings when a process died or used up its quantum, the clock when it is time to lift those that sank.
    void notified(Endpoint source, const NotificationMessage&);

private:
    // A parent that waits: for one child, or with id 0 for any.
    struct Waiter {
        Endpoint client;
        ProcessId id;
    };

    void died(Endpoint endpoint, DeathCause cause, std::uint64_t detail);
    void become_orphans(Endpoint parent);
    void settle(const Process& process);
    bool has_room(Endpoint parent);
    bool is_ancestor(Endpoint ancestor, Process process) const;
    template <class Visitor> void for_each_child(Endpoint parent, ProcessId id, Visitor&& visitor) const;

    ProcessTable& table_;
    System& system_;
    Scheduling scheduling_;
    std::array<Waiter, process_limit> waiters_{}; // by slot of the client: it waits for one answer only
};

} // namespace tessera::pm
