// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The operations of PmProtocol, and the deaths of processes.

#include "kernel/abi/privileges.h"
#include "servers/pm/process_table.h"
#include "servers/pm/scheduling.h"
#include "servers/pm/system.h"
#include "servers/pm/watches.h"
#include "servers/protocols/pm.h"
#include "servers/runtime/server.h"

namespace tessera::pm {

inline constexpr std::size_t children_limit = 64; // of one parent, dead ones that it did not wait for included

class Service {
public:
    Service(ProcessTable& table, Watches& watches, System& system)
        : table_(table),
          watches_(watches),
          system_(system),
          scheduling_(system) {}

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
    Outcome<protocol::pm::Fork::Reply> handle(protocol::pm::Fork, const protocol::pm::Fork::Request&, Endpoint caller);
    Outcome<protocol::Nothing> handle(protocol::pm::Exec, const protocol::pm::Exec::Request&, Endpoint caller);
    Outcome<protocol::pm::Wait::Reply> handle(protocol::pm::Wait, const protocol::pm::Wait::Request&, Endpoint caller);
    Outcome<protocol::Nothing> handle(protocol::pm::Kill, const protocol::pm::Kill::Request&, Endpoint caller);
    Outcome<protocol::pm::Identify::Reply> handle(protocol::pm::Identify, const protocol::pm::Identify::Request&,
                                                  Endpoint caller);

    Outcome<protocol::Nothing> handle(protocol::pm::Watch, const protocol::pm::Watch::Request&, Endpoint caller);
    Outcome<protocol::Nothing> handle(protocol::pm::Unwatch, const protocol::pm::Unwatch::Request&, Endpoint caller);
    Outcome<protocol::pm::WatchNext::Reply> handle(protocol::pm::WatchNext, const protocol::pm::WatchNext::Request&,
                                                   Endpoint caller);
    Outcome<protocol::pm::Statistics::Reply> handle(protocol::pm::Statistics, const protocol::pm::Statistics::Request&,
                                                    Endpoint caller);

    // The kernel rings when a process died or used up its quantum, the clock when it is time to lift those that sank.
    void notified(Endpoint source, const NotificationMessage&);

private:
    // A parent that waits: for one child, or with no endpoint for any.
    struct Waiter {
        Endpoint client;
        Endpoint child;
        protocol::pm::WaitFor purpose{};
    };

    Result<Endpoint> fork(Endpoint parent);
    Result<Process> waited_for(const protocol::pm::Wait::Request& request, Endpoint parent) const;
    void died(Endpoint endpoint, DeathCause cause, std::uint64_t detail);
    void settle(const Process& dead);
    void dismiss(Endpoint dead);
    void bury(Endpoint dead);
    void disown_children(Endpoint parent);
    void bury_orphans();
    void undo_forks();
    void take_stock(const ProcessInformation& process, Recovered& recovered);
    bool lives(Endpoint parent);
    bool may_have_another_child(Endpoint parent);
    Endpoint first_ancestor(Process process) const;
    bool may_signal(Endpoint caller, const Process& target) const;
    Completion send_signal(Endpoint process, Signal signal);
    void interrupt_wait(Endpoint process);

    ProcessTable& table_;
    Watches& watches_;
    System& system_;
    Scheduling scheduling_;
    std::array<Waiter, process_limit> waiters_{}; // by slot of the client: it waits for one answer only
};

} // namespace tessera::pm
