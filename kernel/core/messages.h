// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The message state machine: send, receive, send_receive, notify, send_asynchronous and what a death does to them. Pure
// policy: it moves words between saved contexts and changes blockers. Semantics: docs/kernel.md.

#include "kernel/abi/counters.h"
#include "kernel/core/observer.h"
#include "kernel/core/process.h"
#include "kernel/core/scheduler.h"
#include "kernel/core/time_base.h"

namespace tessera::kernel {

class Messages {
public:
    Messages(ProcessTable& processes, Scheduler& scheduler, const TimeBase& time, KernelCounters& counters,
             Observer& observer)
        : processes_(processes),
          scheduler_(scheduler),
          time_(time),
          counters_(counters),
          observer_(observer) {}

    // Performs the primitive that the caller's context asks for; its result is in the context, or comes later.
    void perform(Process& caller, Primitive primitive, Endpoint peer);

    // Kernel to process; they never block and coalesce.
    void notify_interrupt(Process& target, InterruptLine line);
    void notify_alarm(Process& target);
    void notify_event(Process& target, KernelEvent event);

    // Sends the fault or memory request in `outgoing` of the process to VM as a message of its kind. The process must
    // be blocked by it already.
    void hand_to_vm(Process& process);

    // The oldest asynchronous message of `sender` whose receiver died; the kernel forgets it. no_entry.
    Result<AsynchronousMessage> next_lost(Process& sender);

    // Ends whatever a process waits for.
    void abandon(Process& process);
    // Takes a dead process out of everything: all who wait for it wake with dead_endpoint, its notifications and
    // asynchronous messages go, those kept for it are lost.
    void forget(Process& dead);

private:
    // What a primitive of this kind does.
    template <Completion (Messages::*Operation)(Process&, Endpoint)>
    static void run(Messages& messages, Process& caller, Endpoint peer);
    void refuse(Process& caller, Status status);

    Result<bool> try_send(Process& caller, Endpoint to);
    Completion send(Process& caller, Endpoint to);
    Completion send_nonblocking(Process& caller, Endpoint to);
    Completion receive(Process& caller, Endpoint from);
    Completion send_receive(Process& caller, Endpoint to);
    Completion notify(Process& caller, Endpoint to);
    Completion send_asynchronous(Process& caller, Endpoint to);
    Completion reply_receive(Process& caller, Endpoint to);

    // invalid for a special endpoint: those can only be received from. dead_endpoint.
    Result<Process*> destination(Endpoint to);
    bool may_start(const Process& caller, const Process& target) const;
    bool would_deadlock(const Process& caller, const Process& target);
    bool deliver_notification(Process& receiver);
    void give_notification(Process& receiver, Endpoint source, std::uint64_t pending);
    bool deliver_asynchronous(Process& receiver);
    bool deliver_queued(Process& receiver);
    [[gnu::always_inline]] void deliver(Process& sender, Process& receiver); // few callers, all of them hot
    void deliver_kernel_words(const Process& source, Process& vm);
    void complete_receive(Process& receiver, Endpoint source, MessageKind kind);
    void wake_for_notification(Process& target);
    void give_asynchronous(Process& sender, Process& receiver, const Message& words);
    void free_asynchronous(Process& sender, AsynchronousMessage& message);
    void lose_asynchronous(Process& dead);
    void wake_partners(Process& dead);
    void forget_notifier(Process& receiver, std::uint32_t slot);
    void enqueue(Process& sender, Process& target);
    void dequeue(Process& sender, Process& target);

    ProcessTable& processes_;
    Scheduler& scheduler_;
    AsynchronousStore store_;
    const TimeBase& time_; // notifications carry the time of their delivery
    KernelCounters& counters_;
    Observer& observer_;
};

} // namespace tessera::kernel
