// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Sixteen priorities, round robin with a quantum within one. A process that is runnable is in the ready queue of its
// priority, but for the running one, which is in none: so a message may hand the processor to its receiver directly.
// What becomes of a process whose quantum is used up is policy: of the server that its privileges name as scheduler, or
// else the kernel's own (Kernel::clock_interrupt): it sinks by one priority, and rises again with time.

#include "kernel/core/process.h"

namespace tessera::kernel {

namespace x86_64 {
struct MessagePathLayout; // where the assembler part of the message path finds things
}

class Scheduler {
public:
    // Called whenever blockers changed: queues or takes out the process as its state now says.
    void update(Process& process);
    // Sets the privileges, priority and quantum among them, and moves the process to the queue that is now right.
    void change_privileges(Process& process, const Privileges& privileges);
    // Who is to run now, from now on the running one: who runs already, unless it is blocked, its quantum is used up or
    // a more urgent one is ready. nullptr: nobody can.
    Process* choose() {
        const bool goes_on = running_ != nullptr && running_->runnable() && running_->quantum_left != 0 &&
                             (occupied_ & running_->more_urgent) == 0;
        return goes_on ? running_ : choose_other();
    }
    // One clock tick for the running process. Whether it has used up its quantum with it.
    [[nodiscard]] bool tick();
    // The kernel's own policy.
    void sink(Process& process);
    void lift(Process& process);
    // That of a server: the process waits until it decides.
    void hold(Process& process);
    void schedule(Process& process, std::uint8_t priority, std::uint32_t quantum_milliseconds);
    // It need not wait for its scheduler any longer.
    void go_on(Process& process);
    // Nobody can run.
    bool idle() const { return (running_ == nullptr || !running_->runnable()) && occupied_ == 0; }
    // The slot is free: nobody runs in it.
    void forget(const Process& process);
    // Who runs, or ran last and is blocked now; nullptr before the first.
    Process* running() const { return running_; }

private:
    friend struct x86_64::MessagePathLayout;

    struct Queue {
        Process* first = nullptr;
        Process* last = nullptr;
    };

    Process* choose_other();
    void move(Process& process, std::uint8_t priority);
    bool preempts(const Process& process) const;
    Queue& enter_queue(Process& process); // the caller links it
    void put_back(Process& process);
    void push_back(Process& process);
    void push_front(Process& process);
    void remove(Process& process);

    Process* running_ = nullptr;
    std::uint32_t occupied_ = 0; // bit per queue that is not empty
    std::array<Queue, priority_count> queues_{};
};

} // namespace tessera::kernel
