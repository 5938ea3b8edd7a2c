// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Ready queues: sixteen priorities, round robin with a quantum within one. A process is in a queue exactly while it is
// runnable.

#include "kernel/core/process.h"

namespace tessera::kernel {

class Scheduler {
public:
    // Called whenever blockers changed: queues or takes out the process as its state now says.
    void update(Process& process);
    // Sets the privileges, priority among them, and moves the process to the queue that is now right.
    void change_privileges(Process& process, const Privileges& privileges);
    // The most urgent runnable process, which stays at the head of its queue; nullptr: nothing to run.
    Process* pick() const;
    // One clock tick of the running process; at the end of its quantum it goes to the back of its queue.
    void tick(Process& running);

private:
    struct Queue {
        Process* first = nullptr;
        Process* last = nullptr;
    };

    void push(Process& process);
    void remove(Process& process);

    std::array<Queue, priority_count> queues_{};
    std::uint32_t occupied_ = 0; // bit per queue that is not empty
};

} // namespace tessera::kernel
