// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Interrupt lines as notifications to user-mode drivers: one at a time, until the driver enables the line again. A line
// whose device raises it again at once, for ever, is contained: beyond a number of interrupts in a window of time,
// enabling it takes effect when the window ends.

#include "kernel/abi/calls/devices.h"
#include "kernel/arch/contract/machine.h"
#include "kernel/core/messages.h"
#include "kernel/core/timer.h"

namespace tessera::kernel {

// 200,000 interrupts a second. A network card of 1 Gbit/s that interrupts for every full-sized frame raises 81,000;
// those of 10 Gbit/s moderate theirs to 100,000 at most (Intel 82599, the shortest interval that Linux sets). At a
// thousand instructions each, a storm gets a tenth of a processor that executes two thousand million a second.
inline constexpr Nanoseconds storm_window{10'000'000};
inline constexpr std::uint32_t storm_limit = 2000; // interrupts of a line in a window

class Interrupts {
public:
    Interrupts(ProcessTable& processes, Messages& messages, Timer& timer, const TimeBase& time,
               KernelCounters& counters, Observer& observer)
        : processes_(processes),
          messages_(messages),
          timer_(timer),
          time_(time),
          counters_(counters),
          observer_(observer) {}

    // not_permitted: not in the caller's privileges; busy: a living process has the line.
    Completion enable(Process& caller, InterruptLine line);
    void raised(InterruptLine line);
    Result<kernel_calls::InterruptsRead::Reply> read(InterruptLine line) const; // no_entry
    void release_all(const Process& dead);                                      // masks what it had

    void end_windows(Nanoseconds time);                              // opens the contained lines that waited for it
    Nanoseconds next_window_end() const { return next_window_end_; } // no contained line opens before it

private:
    using State = kernel_calls::InterruptLineState;
    struct Line {
        Endpoint owner;
        State state = State::closed;
        bool missed = false;         // an interrupt came while it was not open, and the machine does not keep those
        std::uint32_t in_window = 0; // delivered
        Nanoseconds window_end{};
        std::uint64_t raised = 0;
        std::uint64_t delivered = 0;
        std::uint64_t spurious = 0;
        std::uint64_t contained = 0;
    };

    Line& at(InterruptLine line) { return lines_[line.value]; }
    void open(InterruptLine line);
    void hand_over(InterruptLine line);

    ProcessTable& processes_;
    Messages& messages_;
    Timer& timer_;
    const TimeBase& time_;
    KernelCounters& counters_;
    Observer& observer_;
    Nanoseconds next_window_end_ = never;
    std::array<Line, arch::interrupt_lines> lines_{};
};

} // namespace tessera::kernel
