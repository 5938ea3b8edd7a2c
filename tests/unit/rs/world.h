// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// RS as a whole over the fake machine.

#include "servers/rs/requests.h"
#include "tests/unit/rs/fake_machine.h"

namespace tessera::tests {

struct World {
    FakeMachine machine;
    rs::ServiceTable services;
    rs::Timers timers;
    rs::Lookups lookups{machine};
    rs::Launcher launcher{machine, services};
    rs::Supervisor supervisor{machine, services, launcher, timers, lookups};
    rs::Faults faults{machine, services, supervisor, timers};
    rs::Requests requests{machine, services, launcher, supervisor, lookups, faults, timers};

    World() {
        add_core("vm", endpoints::vm);
        add_core("rs", endpoints::rs);
    }

    rs::Service& add(std::string_view label, std::uint8_t priority = 5) {
        rs::Service service;
        service.configuration.label = Name(label);
        service.configuration.program = label;
        service.configuration.priority = priority;
        service.configuration.budget_pages = 100;
        return **services.add(std::move(service));
    }

    rs::Service& start(std::string_view label) {
        rs::Service& service = add(label);
        supervisor.start(service);
        return service;
    }

    // Started and ready.
    rs::Service& run(std::string_view label) {
        rs::Service& service = start(label);
        (void)supervisor.ready(service.endpoint);
        return service;
    }

    void crash(rs::Service& service) {
        machine.die(service.endpoint, DeathCause::page_fault, 0);
        supervisor.fetch_deaths();
    }

    // Lets time pass, with every timer at its time.
    void pass(std::uint64_t milliseconds) {
        const Nanoseconds end{machine.time.value + milliseconds * 1'000'000};
        for (auto next = timers.next(); next && *next <= end; next = timers.next()) {
            machine.time = std::max(machine.time, *next);
            requests.timers_due();
            supervisor.fetch_deaths();
        }
        machine.time = end;
    }

    template <class Operation> std::optional<Message> ask(const typename Operation::Request& request, Endpoint caller) {
        return requests.handle(Operation{}, request, caller).message();
    }

private:
    void add_core(std::string_view label, Endpoint endpoint) {
        rs::Service& service = add(label, 1);
        service.origin = rs::Origin::kernel;
        service.state = rs::ServiceState::running;
        service.endpoint = endpoint;
        service.configuration.restart.policy = protocol::rs::RestartPolicy::shutdown;
    }
};

inline Status status_of(const Message& message) {
    return static_cast<Status>(-static_cast<std::int64_t>(message.words[0]));
}

inline constexpr Endpoint client{200, 7};

} // namespace tessera::tests
