// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Faults on purpose: armed by time, fired at a service.

#include "servers/rs/supervisor.h"
#include <deque>

namespace tessera::rs {

struct Fault {
    std::uint64_t number = 0;
    Name target;
    protocol::rs::FaultModel model{};
    protocol::rs::FaultState state = protocol::rs::FaultState::armed;
    Nanoseconds fired_at{};
    Endpoint endpoint; // whom it hit
};

class Faults {
public:
    static constexpr std::size_t limit = 64; // older ones are forgotten, the armed last
    static constexpr std::uint32_t delay_milliseconds_limit = 60'000;

    Faults(Machine& machine, ServiceTable& services, Supervisor& supervisor, Timers& timers)
        : machine_(machine),
          services_(services),
          supervisor_(supervisor),
          timers_(timers) {}

    // Its number. no_such: no such service; not_permitted: VM and RS are not to be hit; no_space: all are armed;
    // invalid: model or delay.
    Result<std::uint64_t> arm(const Name& target, protocol::rs::FaultModel model, std::uint32_t delay_milliseconds);

    // The first with this number or a later one; nothing when there is none.
    const Fault* next(std::uint64_t number) const;

    // The state it is in now. no_such.
    Result<protocol::rs::FaultState> disarm(std::uint64_t number);

    void due(std::uint64_t number);

private:
    bool make_room();
    Fault* find(std::uint64_t number);
    Completion fire(const Fault& fault, Service& service);

    Machine& machine_;
    ServiceTable& services_;
    Supervisor& supervisor_;
    Timers& timers_;
    std::deque<Fault> faults_; // by number
    std::uint64_t next_number_ = 1;
};

} // namespace tessera::rs
