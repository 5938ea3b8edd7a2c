// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Makes processes and takes them apart: every step of a start, and its undoing when a step fails.

#include "servers/rs/machine.h"
#include "servers/rs/service.h"

namespace tessera::rs {

class Launcher {
public:
    Launcher(Machine& machine, ServiceTable& services) : machine_(machine), services_(services) {}

    // Makes the process of a service, with its program loaded and stopped; it inherits from service.predecessor, which
    // is gone afterwards. When loading fails after the inheritance, service.predecessor is the process that holds the
    // memory now. Errors: of the failed step.
    Result<Endpoint> create(Service& service);

    // A user process whose deaths go to `supervisor`, stopped.
    Result<Endpoint> create_user_process(std::string_view program, ServiceId supervisor);

    // Frees what a dead process still has.
    void reap(Endpoint process);

private:
    Completion load(Endpoint process, std::string_view program, const std::vector<std::string>& arguments);
    Completion prepare(Endpoint process, const Privileges& privileges, const protocol::vm::SpaceCreate::Request& space);
    Privileges privileges_of(const Service& service);
    void discard(Endpoint process); // one that never ran

    Machine& machine_;
    ServiceTable& services_;
};

} // namespace tessera::rs
