// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The life of services: start, ready, heartbeat, death, restart.

#include "servers/rs/launcher.h"
#include "servers/rs/lookups.h"
#include "servers/rs/timers.h"

namespace tessera::rs {

class Supervisor {
public:
    static constexpr Nanoseconds start_limit{30'000'000'000}; // to become ready, for services with a heartbeat
    static constexpr std::uint32_t heartbeats_missed_limit = 2;

    Supervisor(Machine& machine, ServiceTable& services, Launcher& launcher, Timers& timers, Lookups& lookups)
        : machine_(machine),
          services_(services),
          launcher_(launcher),
          timers_(timers),
          lookups_(lookups) {}

    void start(Service& service);

    // Ends the living incarnation, if any, and starts the next without delay. The endpoint of the old one, or none.
    Endpoint restart(Service& service);

    // dead_endpoint: it has no process now; and the errors of process_kill.
    Completion kill(Service& service, KillReason reason);

    // no_such: no service has this endpoint.
    Completion ready(Endpoint process);
    void heartbeat_answered(Endpoint process);

    // The kernel says that there are deaths to fetch.
    void fetch_deaths();

    void restart_due(Service& service);
    void heartbeat_due(Service& service);
    void start_limit_reached(Service& service);

private:
    void died(const DeathReport& report);
    void record_death(Service& service, const DeathReport& report);
    void release_process(Service& service);
    void decide_after_death(Service& service);
    void launch(Service& service);
    void begin_life(Service& service, Endpoint process);
    void schedule_restart(Service& service);
    void end(Service& service, ServiceState state);
    void enter(Service& service, ServiceState state);
    Timer timer(Purpose purpose, const Service& service) const;

    Machine& machine_;
    ServiceTable& services_;
    Launcher& launcher_;
    Timers& timers_;
    Lookups& lookups_;
};

} // namespace tessera::rs
