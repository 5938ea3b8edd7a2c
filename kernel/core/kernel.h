// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The kernel as one object: its parts, and what happens at each entry from user mode.

#include "kernel/abi/boot_info.h"
#include "kernel/core/clock.h"
#include "kernel/core/copies.h"
#include "kernel/core/grants.h"
#include "kernel/core/interrupts.h"
#include "kernel/core/log.h"
#include "kernel/core/messages.h"
#include "kernel/core/process.h"
#include "kernel/core/scheduler.h"

namespace tessera::kernel {

// What the machine says of an exception in user mode.
struct UserException {
    DeathCause cause = DeathCause::other_exception; // page_fault: VM decides; all others end the process
    std::uint64_t detail = 0;                       // page fault: the address; other_exception: the vector
    FaultAccess access = FaultAccess::read;
};

class Kernel {
public:
    explicit Kernel(const BootInfo& boot_info);

    // Makes VM and RS; after it the first run() enters VM.
    void create_core_processes();

    void user_call(Process& caller); // a SYSCALL, arguments in the context
    void user_exception(Process& process, const UserException& exception);
    void interrupt(InterruptLine line); // of a device
    void clock_interrupt();
    void tick(); // of the scheduler: there are none while the machine is idle
    void spurious_interrupt() { ++counters.spurious_interrupts; } // that belongs to no line

    // Picks the process to run and loads its space; waits with interrupts on while there is none.
    Process& next();

    // Ends a process: its supervisor is told, everybody who waits for it wakes.
    void end_process(Process& process, DeathCause cause, std::uint64_t detail);
    // Takes a process out of everything that it is part of: messages, interrupt lines, its alarm, its grants.
    void withdraw(Process& process);
    // Gives the slot of a withdrawn process free.
    void release(Process& process);
    // A new process becomes a copy of one that waits for an answer, but for its slot and its space.
    void copy_process(const Process& parent, Process& child);
    // What the machine holds of a process is kept in it; the machine holds nothing then.
    void unload(Process& process);
    // The process gets a new context: what the machine holds of the old one is worth nothing.
    void start_anew(Process& process, const arch::UserContext& context);
    // Records these classes of what happens from now on; none: nothing.
    void observe(TraceClasses classes);
    // Who is told of its death: the living service that its privileges name, or RS.
    Process& supervisor_of(const Process& process);
    void write_log(LogLevel level, std::string_view text);
    void append_log(Endpoint source, std::string_view name, LogLevel level, std::string_view text);

    KernelCounters counters{};
    Observer observer;
    ProcessTable processes;
    Scheduler scheduler;
    TimeBase time{arch::counter(), arch::counter_rate()};
    Messages messages{processes, scheduler, time, counters, observer};
    Timer timer{time};
    Clock clock{processes, messages, timer};
    Copies copies{messages, counters};
    Grants grants{processes, copies, counters};
    Interrupts interrupts{processes, messages, timer, time, counters, observer};
    Log log;
    const BootInfo& boot_info;

private:
    Process& make_core_process(Endpoint expected, std::string_view name, ServiceId service);
    [[gnu::noinline]] void message_call(Process& caller, std::uint64_t primitive); // keeps user_call without a frame
    [[gnu::noinline]] Process& next_after_work(); // next() when there is more to do than to switch
    Process* policy_of(const Process& process);   // the living server that schedules it; nullptr: the kernel does
    void quantum_used(Process& process);
    void lift();
    void release_scheduled_by(const Process& policy);
    void switch_to(Process& process);
    void load_space(Process& process);
    void account();
    void log_death(const Process& process);
    [[noreturn]] void stop_without(const Process& core);

    friend struct x86_64::MessagePathLayout;

    Process* loaded_ = nullptr; // whose registers and address space are in the machine
    Ticks since_{};             // since when it has them
    std::uint64_t ticks_ = 0;   // of the clock
};

} // namespace tessera::kernel
