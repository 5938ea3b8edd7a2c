// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Clients that wait for a service to run.

#include "servers/rs/machine.h"
#include "servers/rs/service.h"
#include <vector>

namespace tessera::rs {

class Lookups {
public:
    static constexpr std::size_t limit = 64;

    explicit Lookups(Machine& machine) : machine_(machine) {}

    // A client waits in one place only: a second request replaces its first. When the table is full the one that waits
    // longest is sent away with try_again: it may be dead.
    void wait(Endpoint client, const Service& service);

    // Answers those that wait for the service when it runs, or never will.
    void service_changed(const Service& service);

private:
    struct Waiting {
        Endpoint client;
        ServiceId service{};
    };

    Machine& machine_;
    std::vector<Waiting> waiting_;
};

} // namespace tessera::rs
