// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The service with the check around it: all operations of the VM protocol, and after each request what the level asks.

#include "servers/vm/checker.h"
#include "servers/vm/service.h"

namespace tessera::vm {

class CheckedService {
public:
    template <class Reply> using Outcome = runtime::Outcome<Reply>;
    using Nothing = protocol::Nothing;

    CheckedService(Service& service, Checker& checker, const SpaceEnvironment& environment, Spaces& spaces)
        : service_(service),
          checker_(checker),
          environment_(environment),
          spaces_(spaces) {}

    template <class Operation>
    Outcome<typename Operation::Reply> handle(Operation operation, const typename Operation::Request& request,
                                              Endpoint caller) {
        const auto outcome = perform(operation, request, caller);
        checker_.after_request();
        return outcome;
    }

    void kernel_message(const Received& received) {
        service_.kernel_message(received);
        checker_.after_request();
    }
    void notified(Endpoint source, const NotificationMessage& message) { service_.notified(source, message); }

private:
    template <class Operation>
    Outcome<typename Operation::Reply> perform(Operation operation, const typename Operation::Request& request,
                                               Endpoint caller) {
        return service_.handle(operation, request, caller);
    }
    Outcome<protocol::vm::Check::Reply> perform(protocol::vm::Check, const Nothing&, Endpoint);
    Outcome<protocol::vm::SlabStatistics::Reply> perform(protocol::vm::SlabStatistics,
                                                         const protocol::vm::SlabStatistics::Request&, Endpoint);
    Outcome<Nothing> perform(protocol::vm::SeedBug, const protocol::vm::SeedBug::Request&, Endpoint caller);

    Service& service_;
    Checker& checker_;
    SpaceEnvironment environment_;
    Spaces& spaces_;
};

} // namespace tessera::vm
