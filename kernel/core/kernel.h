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

    // Picks the process to run and loads its space; waits with interrupts on while there is none.
    Process& next();

    // Ends a process: its supervisor is told, everybody who waits for it wakes.
    void end_process(Process& process, DeathCause cause, std::uint64_t detail);
    // Takes a process out of everything that it is part of: messages, interrupt lines, its alarm, its grants.
    void withdraw(Process& process);
    // Who is told of its death: the living service that its privileges name, or RS.
    Process& supervisor_of(const Process& process);
    void write_log(LogLevel level, std::string_view text);
    void append_log(Endpoint source, std::string_view name, LogLevel level, std::string_view text);

    KernelCounters counters{};
    ProcessTable processes;
    Scheduler scheduler;
    Messages messages{processes, scheduler, counters};
    Clock clock;
    Copies copies{messages, counters};
    Grants grants{processes, copies};
    Interrupts interrupts{processes, messages, counters};
    Log log;
    const BootInfo& boot_info;

private:
    Process& make_core_process(Endpoint expected, std::string_view name, ServiceId service);
    void switch_to(Process& process);
    void perform_kernel_call(Process& caller);
    [[noreturn]] void stop_without(const Process& core);

    Process* running_ = nullptr; // whose registers are in the machine, or were last
    Process* loaded_ = nullptr;  // whose address space is loaded
    Ticks since_{};              // when running_ began to run
};

} // namespace tessera::kernel
