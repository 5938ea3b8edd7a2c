// SPDX-License-Identifier: BSD-3-Clause
#include "servers/pm/scheduling.h"
#include "kernel/abi/privileges.h"
#include "servers/protocols/pm.h"
#include <algorithm>
#include <utility>

namespace tessera::pm {

void Scheduling::quantum_used() {
    for (auto used = system_.schedule_next(); used.has_value(); used = system_.schedule_next()) {
        const auto least_urgent = static_cast<std::uint16_t>(priority_count - 1);
        const auto priority = std::min<std::uint16_t>(used->priority + 1, least_urgent);
        set({used->endpoint, priority, used->most_urgent});
    }
}

void Scheduling::lift() {
    for (const Low& each : std::exchange(low_, {}))
        if (each.process != endpoints::none)
            set({each.process, static_cast<std::uint16_t>(each.priority - 1), each.most_urgent});
}

void Scheduling::adopt(const ProcessInformation& process) {
    using protocol::pm::user_priority;
    if (process.priority > user_priority) set({process.endpoint, process.priority, user_priority});
}

// A process that died meanwhile is forgotten.
void Scheduling::set(const Low& low) {
    Low& entry = low_[low.process.slot()];
    entry = {};
    if (!system_.schedule(low.process, low.priority, quantum_milliseconds).has_value()) return;
    if (low.priority == low.most_urgent) return;
    if (!any_low()) system_.ring_after({lift_nanoseconds});
    entry = low;
}

bool Scheduling::any_low() const {
    return std::ranges::any_of(low_, [](const Low& each) { return each.process != endpoints::none; });
}

} // namespace tessera::pm
