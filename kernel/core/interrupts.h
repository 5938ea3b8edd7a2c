// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Interrupt lines as notifications to user-mode drivers: masked at each interrupt until the driver enables the line
// again.

#include "kernel/arch/contract/machine.h"
#include "kernel/core/messages.h"

namespace tessera::kernel {

class Interrupts {
public:
    Interrupts(ProcessTable& processes, Messages& messages, KernelCounters& counters, Observer& observer)
        : processes_(processes),
          messages_(messages),
          counters_(counters),
          observer_(observer) {}

    // not_permitted: not in the caller's privileges; busy: a living process has the line.
    Completion enable(Process& caller, InterruptLine line);
    void raised(InterruptLine line);
    void release_all(const Process& dead); // masks what it had

private:
    ProcessTable& processes_;
    Messages& messages_;
    KernelCounters& counters_;
    Observer& observer_;
    std::array<Endpoint, arch::interrupt_lines> owners_{};
};

} // namespace tessera::kernel
