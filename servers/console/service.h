// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// When the console prints. It has no operations: nobody calls it.

#include "kernel/abi/calls/time_and_log.h"
#include "servers/console/printer.h"
#include "servers/protocols/protocol.h"
#include "servers/runtime/server.h"

namespace tessera::console {

using NoOperations = protocol::Protocol<protocol::ProtocolId{0}>;

class Service {
public:
    static constexpr std::size_t lines_at_once = 64; // then RS's heartbeat gets its answer

    explicit Service(Printer& printer) : printer_(printer) {}

    template <class Operation> // there are none
    runtime::Outcome<typename Operation::Reply> handle(Operation, const typename Operation::Request&,
                                                       Endpoint) = delete;

    // The log grew, or the rest of a backlog waits.
    void notified(Endpoint source, const NotificationMessage&) {
        if (source == endpoints::kernel || source == endpoints::clock) print();
    }

    // An alarm in the past comes at once, after what is waiting already.
    void print() {
        if (printer_.print(lines_at_once) == Backlog::more)
            (void)kernel_call<kernel_calls::AlarmSet>({.deadline = {1}});
    }

private:
    Printer& printer_;
};

} // namespace tessera::console
