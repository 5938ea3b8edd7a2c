// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// How user processes share the processor: one that uses up its quantum sinks by one priority, and rises again with
// time. So those that wait for people and devices run before those that compute, and nobody starves.

#include "servers/pm/system.h"
#include <array>

namespace tessera::pm {

class Scheduling {
public:
    static constexpr std::uint32_t quantum_milliseconds = 20;
    static constexpr std::uint64_t lift_nanoseconds = 500'000'000;

    explicit Scheduling(System& system) : system_(system) {}

    // The kernel's event quantum_used.
    void quantum_used();
    // The alarm.
    void lift();
    // After a restart: a predecessor may have left a process low.
    void adopt(const ProcessInformation& process);

private:
    struct Low {
        Endpoint process; // none: nobody in this slot is low
        std::uint16_t priority = 0;
        std::uint16_t most_urgent = 0;
    };

    void set(const Low& low);
    bool any_low() const;

    System& system_;
    std::array<Low, process_limit> low_{}; // by slot, those below their most urgent priority
};

} // namespace tessera::pm
