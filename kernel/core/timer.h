// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// When the machine's one-shot timer is due: at the earliest of what the kernel waits for. Scheduler ticks pass only
// while a process runs: an idle machine is woken by its alarms alone.

#include "kernel/core/time_base.h"
#include <limits>

namespace tessera::kernel {

inline constexpr Nanoseconds never{std::numeric_limits<std::uint64_t>::max()};
inline constexpr Nanoseconds tick_period{5'000'000};

class Timer {
public:
    explicit Timer(const TimeBase& time) : time_(time) {}

    // The interrupt must come by then.
    void require(Nanoseconds when) {
        if (when < armed_) arm(when);
    }
    // A process runs: ticks pass, if they did not yet.
    void start_ticks();

    // At the interrupt, first: whether a tick has passed.
    [[nodiscard]] bool take_tick(Nanoseconds time);
    // At the interrupt, last: what is waited for next.
    enum class Processor : std::uint8_t { idle, busy };
    void restart(Nanoseconds event, Processor processor, Nanoseconds time);

private:
    void arm(Nanoseconds when);

    const TimeBase& time_;
    Nanoseconds next_tick_ = never;
    Nanoseconds armed_ = never; // when the interrupt comes
};

} // namespace tessera::kernel
