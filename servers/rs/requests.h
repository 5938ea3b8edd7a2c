// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// RS's protocol: one handler for each operation. Anybody may ask; only services with the "control" may change things.

#include "servers/rs/faults.h"
#include "servers/rs/supervisor.h"
#include "servers/runtime/server.h"

namespace tessera::rs {

class Requests {
public:
    Requests(Machine& machine, ServiceTable& services, Launcher& launcher, Supervisor& supervisor, Lookups& lookups,
             Faults& faults, Timers& timers)
        : machine_(machine),
          services_(services),
          launcher_(launcher),
          supervisor_(supervisor),
          lookups_(lookups),
          faults_(faults),
          timers_(timers) {}

    template <class Operation> using Outcome = runtime::Outcome<typename Operation::Reply>;

    Outcome<protocol::rs::Lookup> handle(protocol::rs::Lookup, const protocol::rs::Lookup::Request&, Endpoint);
    Outcome<protocol::rs::Ready> handle(protocol::rs::Ready, const protocol::rs::Ready::Request&, Endpoint);
    Outcome<protocol::rs::ServiceNext> handle(protocol::rs::ServiceNext, const protocol::rs::ServiceNext::Request&,
                                              Endpoint);
    Outcome<protocol::rs::ServiceRestart> handle(protocol::rs::ServiceRestart,
                                                 const protocol::rs::ServiceRestart::Request&, Endpoint);
    Outcome<protocol::rs::FaultArm> handle(protocol::rs::FaultArm, const protocol::rs::FaultArm::Request&, Endpoint);
    Outcome<protocol::rs::FaultNext> handle(protocol::rs::FaultNext, const protocol::rs::FaultNext::Request&, Endpoint);
    Outcome<protocol::rs::FaultDisarm> handle(protocol::rs::FaultDisarm, const protocol::rs::FaultDisarm::Request&,
                                              Endpoint);
    Outcome<protocol::rs::DeviceInformation> handle(protocol::rs::DeviceInformation,
                                                    const protocol::rs::DeviceInformation::Request&, Endpoint);
    Outcome<protocol::rs::ProgramStart> handle(protocol::rs::ProgramStart, const protocol::rs::ProgramStart::Request&,
                                               Endpoint);
    Outcome<protocol::rs::MachineStop> handle(protocol::rs::MachineStop, const protocol::rs::MachineStop::Request&,
                                              Endpoint);

    void timers_due();

private:
    bool may_control(Endpoint caller, configuration::Control what);
    void due(const Timer& timer);

    Machine& machine_;
    ServiceTable& services_;
    Launcher& launcher_;
    Supervisor& supervisor_;
    Lookups& lookups_;
    Faults& faults_;
    Timers& timers_;
};

} // namespace tessera::rs
