// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Records what the kernel does, of the classes that were asked for. Off, it costs the ways that are measured nothing:
// what is observed is marked with Attention::observed, and so leaves the short ways, where nobody asks (docs/kernel.md,
// "Watching it").

#include "kernel/abi/counters.h"
#include "kernel/core/message_counts.h"
#include "kernel/core/process.h"
#include "kernel/core/trace.h"

namespace tessera::kernel {

class Observer {
public:
    // From now on just these classes are recorded. What was recorded of each of them is forgotten, and the ring if it
    // gets entries. Kernel::observe marks the processes besides.
    void select(TraceClasses classes);
    bool on() const { return classes_.bits != 0; }

    // Something happened; recorded when its class is wanted. Cold, so that the ways they are called from stay short.
    [[gnu::cold]] void message(const Process& from, const Process& to, MessageKind kind); // its words are with `to`
    [[gnu::cold]] void notification(Endpoint from, const Process& to, std::uint64_t pending);
    [[gnu::cold]] void kernel_call(const Process& caller, std::uint64_t number, std::uint64_t first_word, Ticks ticks);
    [[gnu::cold]] void page_fault(const Process& process, FaultAccess access, VirtualAddress address);
    [[gnu::cold]] void process_switch(const Process* from, const Process& to); // nullptr: from none
    [[gnu::cold]] void interrupt(Endpoint source, InterruptLine line, Endpoint owner);

    const Trace& trace() const { return trace_; }
    const KernelCallTimes& call_times(std::uint64_t number) const { return call_times_[number]; }
    const MessageCounts& message_counts() const { return message_counts_; }

private:
    void record(const TraceEntry& entry);

    TraceClasses classes_;
    Trace trace_;
    std::array<KernelCallTimes, kernel_call_limit> call_times_{};
    MessageCounts message_counts_;
};

} // namespace tessera::kernel
