// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// A process as the kernel keeps it, and the table of them.

#include "kernel/abi/grant.h"
#include "kernel/abi/message.h"
#include "kernel/abi/privileges.h"
#include "kernel/abi/process.h"
#include "kernel/abi/result.h"
#include "kernel/arch/contract/context.h"
#include <array>
#include <bitset>
#include <span>

namespace tessera::kernel {

// What a blocked sender wants to hand over. Faults and memory requests travel to VM as messages that only the kernel
// can make.
struct Outgoing {
    MessageKind kind = MessageKind::message;
    Message kernel_words; // of a fault or memory request; a plain message is in the sender's context
};

struct GrantTable {
    VirtualAddress address{};
    std::uint32_t entries = 0;
};

struct Process {
    arch::UserContext context; // first: the entry code stores registers here
    arch::ExtendedState extended;

    Endpoint endpoint;
    std::uint32_t blockers = 0; // Blocker bits; runnable when 0
    Name name;
    Privileges privileges;

    // Messages
    Endpoint send_to;          // while sending
    Endpoint receive_from;     // while receiving
    bool awaits_reply = false; // the receive is the second half of a send_receive
    Outgoing outgoing;
    Process* first_sender = nullptr; // who waits to send to this process, oldest first
    Process* last_sender = nullptr;
    Process* next_sender = nullptr;
    std::bitset<process_limit> notifiers; // slots whose notification is pending
    std::uint64_t pending_lines = 0;      // interrupt lines to tell of
    std::uint64_t pending_events = 0;     // KernelEvent bits
    bool alarm_rang = false;

    // Scheduling
    Process* next_ready = nullptr;
    bool queued = false;
    std::uint32_t quantum_left = 0; // clock ticks
    Ticks processor_time{};

    // Memory
    bool drop_translations = false; // before it runs again
    bool restart_call = false;      // the kernel call waited for VM: run it again from its start
    GrantTable grants;

    Nanoseconds alarm{}; // 0: none
    DeathReport death;
    bool death_reported = false;

    std::uint64_t messages_sent = 0;
    std::uint64_t faults = 0;
    std::uint64_t kernel_calls = 0;

    bool blocked_by(Blocker blocker) const { return (blockers & static_cast<std::uint32_t>(blocker)) != 0; }
    void block(Blocker blocker) { blockers |= static_cast<std::uint32_t>(blocker); }
    void unblock(Blocker blocker) { blockers &= ~static_cast<std::uint32_t>(blocker); }
    bool runnable() const { return blockers == 0; }
    bool is_core() const { return endpoint == endpoints::vm || endpoint == endpoints::rs; }

    // The result of the primitive or kernel call that the process made.
    void finish(Status status) { context.operation = static_cast<std::uint64_t>(-static_cast<std::int64_t>(status)); }
};

class ProcessTable {
public:
    ProcessTable();

    // A slot with the next generation: stopped, without space and privileges. no_space.
    Result<Process*> create(Name name);
    void release(Process& process);

    // The living process behind an endpoint: dead_endpoint for one that is dead, of another generation, or not a
    // process.
    Result<Process*> living(Endpoint endpoint);
    // Also finds the dead that were not reaped yet.
    Result<Process*> present(Endpoint endpoint);
    // The living process with a service id, or nullptr; user processes are no service.
    Process* service(ServiceId id);

    std::span<Process> all() { return processes_; }
    Process& at(std::uint32_t slot) { return processes_[slot]; }

private:
    std::array<Process, process_limit> processes_;
};

} // namespace tessera::kernel
