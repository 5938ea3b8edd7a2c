// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The rules of messages and of process states as plain lists and sets (docs/kernel.md; MINIX's rules where that is
// silent), to compare the kernel with. Written from the rules; slow and obvious.

#include "kernel/abi/endpoint.h"
#include "kernel/abi/message.h"
#include "kernel/abi/privileges.h"
#include "kernel/abi/process.h"
#include "kernel/abi/status.h"
#include <list>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace tessera::kernel::test {

// What a process finds in its registers: the status of what it did, or what it received.
struct Outcome {
    Status status = Status::ok;
    std::optional<MessageKind> kind; // when something was received
    Endpoint source;
    std::uint64_t first_word = 0;
    std::uint64_t second_word = 0;
    bool operator==(const Outcome&) const = default;
};

enum class VmWait : std::uint8_t { none, fault, request };

struct ModelAsynchronous {
    std::uint32_t from; // slots
    Endpoint to;
    std::uint64_t word;
    bool operator==(const ModelAsynchronous&) const = default;
};

struct ModelProcess {
    Endpoint endpoint;
    std::uint64_t send_mask = 0;
    ServiceId service{};
    ServiceId supervisor{};
    ServiceId scheduler{};
    std::uint8_t most_urgent = priority_count - 1; // what its privileges allow
    std::uint8_t priority = priority_count - 1;    // now

    bool dead = false;
    bool stopped = true;
    bool no_space = true;
    std::optional<Endpoint> sends_to;
    std::optional<Endpoint> receives_from;
    bool awaits_reply = false;
    VmWait vm_wait = VmWait::none;
    bool call_restarts = false;
    bool page_present = false; // of the memory that its kernel call reads

    std::uint64_t word = 0;                    // of the message that it sends, or the address or size that it tells VM
    std::list<std::uint32_t> senders;          // slots of who wants to hand something over, oldest first
    std::list<ModelAsynchronous> asynchronous; // kept for it, oldest first
    std::list<ModelAsynchronous> lost;         // sent by it to processes that died
    bool wants_room = false;                   // it was refused one more
    std::set<std::uint32_t> notifiers;
    std::set<std::uint32_t> lines;
    std::set<KernelEvent> events;
    bool alarm_rang = false;
    std::uint64_t alarm = 0;
    std::uint32_t quantum = 0; // clock ticks left
    std::uint32_t whole_quantum = 4;
    bool held = false;              // used up its quantum, and its scheduler did not decide yet
    bool told = false;              // schedule_next has brought it
    std::optional<Outcome> outcome; // nothing: its registers are not known

    bool waits() const { return sends_to || receives_from || vm_wait != VmWait::none; }
    bool runnable() const { return !dead && !stopped && !no_space && !held && !waits(); }
};

class MessageModel {
public:
    static constexpr std::uint64_t tick_milliseconds = 5;
    static constexpr std::uint64_t ticks_between_lifts = 100;

    // What a process does.
    void send(std::uint32_t slot, Endpoint to, std::uint64_t word);
    void send_nonblocking(std::uint32_t slot, Endpoint to, std::uint64_t word);
    void receive(std::uint32_t slot, Endpoint from);
    void send_receive(std::uint32_t slot, Endpoint to, std::uint64_t word);
    void notify(std::uint32_t slot, Endpoint to);
    void send_asynchronous(std::uint32_t slot, Endpoint to, std::uint64_t word);
    void fetch_lost(std::uint32_t slot); // message_next_lost
    void reply_receive(std::uint32_t slot, Endpoint to, std::uint64_t word);
    void page_fault(std::uint32_t slot, std::uint64_t address);
    void write_log(std::uint32_t slot, std::uint64_t bytes); // from memory that may be missing
    void watch_log(std::uint32_t slot);
    void set_alarm(std::uint32_t slot, std::uint64_t deadline);

    // What the kernel or others do with it. The Status is the answer of the kernel call.
    void notify_line(std::uint32_t slot, std::uint32_t line);
    void notify_alarm(std::uint32_t slot);
    void notify_event(std::uint32_t slot, KernelEvent event);
    void clock_tick();
    Status resolve(Endpoint endpoint, Status status);
    Endpoint create();
    Status bind(Endpoint endpoint);
    Status unbind(Endpoint endpoint);
    Status start(Endpoint endpoint);
    Status stop(Endpoint endpoint);
    Status kill(Endpoint endpoint);
    Status inject(Endpoint endpoint);
    Status destroy(Endpoint endpoint);
    void change_privileges(std::uint32_t slot, const Privileges& privileges);
    // Of the service `scheduler`: whom schedule_next brings, and the answer of schedule.
    std::optional<Endpoint> schedule_next(ServiceId scheduler);
    Status schedule(ServiceId scheduler, Endpoint endpoint, std::uint64_t priority, std::uint32_t milliseconds);
    enum class Death : std::uint8_t { exit, other };
    void die(std::uint32_t slot, Death death = Death::other);
    // Runs calls again that waited for memory, until one is picked that runs in user mode. Nothing: all wait.
    std::optional<std::uint32_t> next();

    // What must hold at any time; a description of what does not.
    std::optional<std::string> broken_invariant() const;

    std::map<std::uint32_t, ModelProcess> processes; // by slot
    std::array<std::list<std::uint32_t>, priority_count> ready;
    std::uint64_t now = 0;
    std::uint32_t watcher = no_slot;
    std::optional<ModelAsynchronous> last_lost; // what fetch_lost brought last

    static constexpr std::uint32_t no_slot = ~0u;

    std::size_t kept_of(std::uint32_t slot) const; // its asynchronous messages that the kernel keeps
    bool queued(std::uint32_t slot) const { return slot != running_ && processes.at(slot).runnable(); }

private:
    ModelProcess* living(Endpoint endpoint);
    // A status when nothing can be sent there.
    std::optional<Status> unreachable(Endpoint to);
    ModelProcess* present(Endpoint endpoint);
    ModelProcess& vm() { return processes.at(endpoints::vm.slot()); }
    std::optional<Status> try_send(ModelProcess& sender, Endpoint to, std::uint64_t word);
    void deliver(ModelProcess& sender, ModelProcess& receiver);
    bool take_notification(ModelProcess& receiver);
    bool take_asynchronous(ModelProcess& receiver);
    void give_asynchronous(std::uint32_t from, ModelProcess& receiver, std::uint64_t word);
    void room_for(ModelProcess& sender);
    void lose_asynchronous(ModelProcess& dead);
    bool take_from_queue(ModelProcess& receiver);
    void wake_for_notification(ModelProcess& target);
    void hand_to_vm(ModelProcess& process, VmWait why, std::uint64_t word);
    bool closes_cycle(const ModelProcess& waiting, const ModelProcess& target);
    void abandon(ModelProcess& process);
    void withdraw(ModelProcess& process);
    void log_line();
    void settle(ModelProcess& process); // moves it into or out of its ready list
    std::optional<std::uint32_t> choose();
    bool more_urgent_ready(std::uint8_t priority) const;
    void put_back(ModelProcess& process);
    void move(ModelProcess& process, std::uint8_t priority);
    void go_on(ModelProcess& process);
    void quantum_used(ModelProcess& process);
    std::uint32_t living_service(ServiceId service) const; // its slot, or no_slot

    std::map<std::uint32_t, std::uint32_t> generations_; // the last one of each slot
    std::uint32_t running_ = no_slot;
    std::uint64_t ticks_ = 0;
};

} // namespace tessera::kernel::test
