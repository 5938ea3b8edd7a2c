// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// A process as the kernel keeps it, and the table of them.

#include "kernel/abi/grant.h"
#include "kernel/abi/message.h"
#include "kernel/abi/privileges.h"
#include "kernel/abi/process.h"
#include "kernel/abi/result.h"
#include "kernel/abi/signals.h"
#include "kernel/arch/contract/context.h"
#include "kernel/core/asynchronous.h"
#include "kernel/core/slot_set.h"
#include <array>
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

// What needs looking at before a process receives or runs. The direct path (arch) serves only processes that need
// nothing, with one comparison; what the other short ways ask for lies in the first byte: a test of one instruction.
enum class Attention : std::uint32_t {
    lines = 1u << 0,        // Process::pending_lines is not 0
    alarm = 1u << 1,        // its alarm rang
    events = 1u << 2,       // Process::pending_events is not 0
    notifiers = 1u << 3,    // Process::notifiers is not empty
    signals = 1u << 4,      // one is to be delivered, or came back from its handler
    translations = 1u << 5, // cached ones must be dropped before it runs again
    restart_call = 1u << 6, // its kernel call waited for VM: run it again from its start
    observed = 1u << 7,     // the Observer wants to know what it does: nothing of it goes a short way
    asynchronous = 1u << 8, // Process::asynchronous is not empty
    senders = 1u << 9,      // Process::first_sender is not null
};
inline constexpr std::uint32_t pending_notifications =
    static_cast<std::uint32_t>(Attention::lines) | static_cast<std::uint32_t>(Attention::alarm) |
    static_cast<std::uint32_t>(Attention::events) | static_cast<std::uint32_t>(Attention::notifiers);

inline constexpr std::uint32_t attention_before_notifying =
    pending_notifications | static_cast<std::uint32_t>(Attention::observed);

inline constexpr std::uint32_t attention_before_running =
    static_cast<std::uint32_t>(Attention::translations) | static_cast<std::uint32_t>(Attention::restart_call) |
    static_cast<std::uint32_t>(Attention::signals) | static_cast<std::uint32_t>(Attention::observed);

enum class Observation : std::uint8_t { off, on };

// An exception of the processor that the process handles as a signal.
struct PendingFault {
    DeathCause cause = DeathCause::none; // none: there is none
    std::uint64_t detail = 0;
};

struct SignalState {
    SignalSet mask{};    // held back
    SignalSet pending{}; // posted, and neither delivered nor discarded
    SignalSet handled{};
    SignalSet ignored{};
    VirtualAddress entry{};
    SignalSet mask_after_wait{}; // while waits
    bool waits = false;          // in signal_wait: until the next delivery the mask is that of the wait
    PendingFault fault;

    // Another program: what it ignores and holds back stays, its handlers are gone.
    void start_program() { *this = {.mask = waits ? mask_after_wait : mask, .pending = pending, .ignored = ignored}; }
    // What the child of fork has.
    SignalState inherited() const { return {.mask = mask, .handled = handled, .ignored = ignored, .entry = entry}; }
    SignalSet discarded() const { return ~handled & (ignored | usually_discarded); }
    bool deliverable() const { return !empty(pending & ~mask) || fault.cause != DeathCause::none; }
};

struct Process {
    arch::UserContext context; // first: the entry code stores registers here

    // What every message looks at
    std::uint32_t blockers = 0;  // Blocker bits; runnable when 0
    std::uint32_t attention = 0; // Attention bits; beside blockers: compared together
    Endpoint endpoint;
    Endpoint receive_from;          // while receiving
    bool awaits_reply = false;      // the receive is the second half of a send_receive
    bool queued = false;            // in a ready queue
    std::uint32_t more_urgent = 0;  // bit per priority that is more urgent than its own
    std::uint32_t quantum_left = 0; // clock ticks
    std::uint32_t quantum = 0;      // what it is renewed to
    std::uint8_t priority = 0;      // now; no more urgent than its privileges say
    bool scheduler_told = false;    // schedule_next has brought it since it used up its quantum
    std::uint64_t callable = 0;     // bit per kernel call that goes straight to its handler; none while observed
    Ticks processor_time{};
    std::uint64_t messages_sent = 0;
    std::uint64_t kernel_calls = 0;

    arch::ExtendedState extended;

    Privileges privileges;
    Name name;

    // Messages
    Endpoint send_to; // while sending
    Outgoing outgoing;
    Process* first_sender = nullptr; // who waits to send to this process, oldest first
    Process* last_sender = nullptr;
    Process* next_sender = nullptr;
    AsynchronousQueue asynchronous;       // kept for it
    AsynchronousQueue lost;               // sent by it to processes that died
    std::uint32_t asynchronous_count = 0; // sent by it and not taken, or lost
    bool wants_asynchronous_room = false; // it was refused one more
    SlotSet notifiers;                    // slots whose notification is pending
    std::uint64_t pending_lines = 0;      // interrupt lines to tell of
    std::uint64_t pending_events = 0;     // KernelEvent bits

    Process* next_ready = nullptr;
    GrantTable grants;
    Nanoseconds alarm{}; // 0: none
    DeathReport death;
    bool death_reported = false;
    std::uint64_t faults = 0;
    SignalState signals;

    bool blocked_by(Blocker blocker) const { return (blockers & static_cast<std::uint32_t>(blocker)) != 0; }
    void block(Blocker blocker) { blockers |= static_cast<std::uint32_t>(blocker); }
    void unblock(Blocker blocker) { blockers &= ~static_cast<std::uint32_t>(blocker); }
    // Whether it takes words from `source` now.
    bool accepts(Endpoint source) const {
        return blocked_by(Blocker::receiving) && !blocked_by(Blocker::sending) &&
               (receive_from == endpoints::any || receive_from == source);
    }
    bool awaits_answer_of(Endpoint source) const { return awaits_reply && accepts(source); }
    bool runnable() const { return blockers == 0; }
    bool needs(Attention what) const { return (attention & static_cast<std::uint32_t>(what)) != 0; }
    void raise(Attention what) { attention |= static_cast<std::uint32_t>(what); }
    void settle(Attention what) { attention &= ~static_cast<std::uint32_t>(what); }
    // Whether `what` was needed; it no longer is.
    bool take(Attention what) {
        const bool needed = needs(what);
        settle(what);
        return needed;
    }
    bool is_core() const { return endpoint == endpoints::vm || endpoint == endpoints::rs; }

    // The only ways to change them: what is derived from them goes along. For the scheduler alone.
    void set_privileges(const Privileges& value);
    void set_priority(std::uint8_t value);
    void set_quantum(std::uint32_t milliseconds);
    void observe(Observation observation);
    std::uint64_t allowed_calls() const; // bit per kernel call; none without the primitive
    std::uint64_t plain_calls() const { return needs(Attention::observed) ? 0 : allowed_calls(); }

    // The result of the primitive or kernel call that the process made.
    Status result() const {
        const auto operation = static_cast<std::int64_t>(context.operation);
        return operation < 0 ? static_cast<Status>(-operation) : Status::ok;
    }
    void finish(Status status) { context.operation = static_cast<std::uint64_t>(-static_cast<std::int64_t>(status)); }
};

class ProcessTable {
public:
    ProcessTable();

    // A slot with the next generation: stopped, without space and privileges. no_space.
    Result<Process*> create(Name name);
    void release(Process& process);
    // Of all slots, used or not.
    void observe(Observation observation);

    // The living process behind an endpoint: dead_endpoint for one that is dead, of another generation, or not a
    // process.
    Result<Process*> living(Endpoint endpoint) { return found(endpoint, no_process | dead_process); }
    // Also finds the dead that were not reaped yet.
    Result<Process*> present(Endpoint endpoint) { return found(endpoint, no_process); }
    // The living process with a service id, or nullptr; user processes are no service.
    Process* service(ServiceId id);

    // Those in slots that were ever used: what is behind them never had to do with anything.
    std::span<Process> all() { return std::span(processes_).first(end_); }
    Process& at(std::uint32_t slot) { return processes_[slot]; }

private:
    static constexpr auto no_process = static_cast<std::uint32_t>(Blocker::free_slot);
    static constexpr auto dead_process = static_cast<std::uint32_t>(Blocker::dead);

    Result<Process*> found(Endpoint endpoint, std::uint32_t unwanted) {
        if (endpoint.slot() >= process_limit) return Status::dead_endpoint;
        Process& process = processes_[endpoint.slot()];
        if (process.endpoint != endpoint || (process.blockers & unwanted) != 0) return Status::dead_endpoint;
        return &process;
    }

    std::array<Process, process_limit> processes_;
    std::uint32_t end_ = 0; // behind the last slot that was ever used
};

} // namespace tessera::kernel
