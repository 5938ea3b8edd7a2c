// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/core/messages.h"
#include <array>
#include <utility>

namespace tessera::kernel {

// Each primitive is a function of its own, called last: the registers that one needs are no cost to the others.
template <Completion (Messages::*Operation)(Process&, Endpoint)>
void Messages::run(Messages& messages, Process& caller, Endpoint peer) {
    const Completion result = (messages.*Operation)(caller, peer);
    if (!result.has_value()) [[unlikely]]
        messages.refuse(caller, result.error());
}

void Messages::perform(Process& caller, Primitive primitive, Endpoint peer) {
    using Run = void (*)(Messages&, Process&, Endpoint);
    static constexpr std::array<Run, primitive_count> runs{
        nullptr, // kernel_call: never comes here
        &run<&Messages::send>,
        &run<&Messages::receive>,
        &run<&Messages::send_receive>,
        &run<&Messages::notify>,
        &run<&Messages::send_nonblocking>,
        &run<&Messages::reply_receive>,
        &run<&Messages::send_asynchronous>,
    };
    const auto number = static_cast<std::uint32_t>(primitive);
    if ((caller.privileges.primitive_mask >> number & 1) == 0) return refuse(caller, Status::primitive_denied);
    caller.finish(Status::ok);
    runs[number](*this, caller, peer);
}

void Messages::refuse(Process& caller, Status status) {
    ++(status == Status::dead_endpoint ? counters_.stale_endpoints : counters_.refused_calls);
    caller.finish(status);
}

bool Messages::may_start(const Process& caller, const Process& target) const {
    return (caller.privileges.send_mask >> target.privileges.service.value & 1) != 0;
}

// Whether `target` waits for just this process to answer it.
// Follows who waits for whom, one step a process: a cycle through the caller would never end.
bool Messages::would_deadlock(const Process& caller, const Process& target) {
    const Process* process = &target;
    for (std::uint32_t steps = 0; steps < process_limit; ++steps) {
        Endpoint next;
        if (process->blocked_by(Blocker::sending))
            next = process->send_to;
        else if (process->blocked_by(Blocker::receiving))
            next = process->receive_from;
        if (next == caller.endpoint) return true;
        const auto waited_for = processes_.living(next);
        if (!waited_for.has_value()) return false;
        process = *waited_for;
    }
    return false;
}

Result<Process*> Messages::destination(Endpoint to) {
    const auto found = processes_.living(to);
    if (!found.has_value() && to.slot() >= Endpoint::slot_limit) return Status::invalid;
    return found;
}

// Whether it was delivered; if not, the receiver is not ready for it.
Result<bool> Messages::try_send(Process& caller, Endpoint to) {
    Process* target = TESSERA_TRY(destination(to));
    if (!may_start(caller, *target) && !target->awaits_answer_of(caller.endpoint)) return Status::call_denied;
    if (target == &caller) return Status::locked;
    caller.outgoing.kind = MessageKind::message;
    if (!target->accepts(caller.endpoint)) return false;
    deliver(caller, *target);
    return true;
}

Completion Messages::send(Process& caller, Endpoint to) {
    if (TESSERA_TRY(try_send(caller, to))) return Done{};
    Process& target = processes_.at(to.slot());
    if (would_deadlock(caller, target)) return Status::locked;
    caller.send_to = to;
    caller.block(Blocker::sending);
    enqueue(caller, target);
    scheduler_.update(caller);
    return Done{};
}

Completion Messages::send_nonblocking(Process& caller, Endpoint to) {
    if (TESSERA_TRY(try_send(caller, to))) return Done{};
    return Status::not_ready;
}

// Order: notifications (hardware, clock, kernel, then processes by slot), asynchronous messages, then senders; oldest
// first. So a message of send never overtakes one that the same sender sent asynchronously before.
Completion Messages::receive(Process& caller, Endpoint from) {
    const bool kernel_source = from == endpoints::hardware || from == endpoints::clock || from == endpoints::kernel;
    if (from != endpoints::any && !kernel_source) {
        Process* source = TESSERA_TRY(processes_.living(from));
        if (source == &caller) return Status::locked;
        const bool sends_to_caller = source->blocked_by(Blocker::sending) && source->send_to == caller.endpoint;
        const bool has_notified = caller.notifiers.test(source->endpoint.slot());
        const bool has_sent = caller.asynchronous.has(source->endpoint);
        if (!sends_to_caller && !has_notified && !has_sent && would_deadlock(caller, *source)) return Status::locked;
    }
    caller.receive_from = from;
    caller.awaits_reply = false;
    caller.block(Blocker::receiving);
    if (!deliver_notification(caller) && !deliver_asynchronous(caller) && !deliver_queued(caller))
        scheduler_.update(caller);
    return Done{};
}

Completion Messages::send_receive(Process& caller, Endpoint to) {
    TESSERA_TRY(send(caller, to));
    caller.receive_from = to;
    caller.awaits_reply = true;
    caller.block(Blocker::receiving);
    scheduler_.update(caller);
    return Done{};
}

Completion Messages::notify(Process& caller, Endpoint to) {
    Process* target = TESSERA_TRY(destination(to));
    if (!may_start(caller, *target)) return Status::call_denied;
    const bool waits = target->accepts(caller.endpoint) && !target->awaits_reply;
    if (waits && (target->attention & attention_before_notifying) == 0) { // the usual case, not through the set
        give_notification(*target, caller.endpoint, 0);
        return Done{};
    }
    target->notifiers.set(caller.endpoint.slot());
    target->raise(Attention::notifiers);
    wake_for_notification(*target);
    return Done{};
}

Completion Messages::send_asynchronous(Process& caller, Endpoint to) {
    Process* target = TESSERA_TRY(destination(to));
    if (!may_start(caller, *target)) return Status::call_denied;
    if (target == &caller) return Status::locked;
    if (target->accepts(caller.endpoint) && !target->awaits_reply) {
        give_asynchronous(caller, *target, caller.context.message);
        return Done{};
    }
    AsynchronousMessage* message = caller.asynchronous_count < asynchronous_limit ? store_.allocate() : nullptr;
    if (message == nullptr) {
        caller.wants_asynchronous_room = true;
        return Status::try_again;
    }
    ++caller.asynchronous_count;
    message->from = caller.endpoint;
    message->to = to;
    message->words = caller.context.message;
    target->asynchronous.push(*message);
    target->raise(Attention::asynchronous);
    return Done{};
}

Completion Messages::reply_receive(Process& caller, Endpoint to) {
    // A client that died or does not wait is its own loss; the server goes on to its next request.
    (void)try_send(caller, to);
    return receive(caller, endpoints::any);
}

void Messages::notify_interrupt(Process& target, InterruptLine line) {
    target.pending_lines |= 1ull << line.value;
    target.raise(Attention::lines);
    wake_for_notification(target);
}

void Messages::notify_alarm(Process& target) {
    target.raise(Attention::alarm);
    wake_for_notification(target);
}

void Messages::notify_event(Process& target, KernelEvent event) {
    target.pending_events |= 1ull << static_cast<std::uint32_t>(event);
    target.raise(Attention::events);
    wake_for_notification(target);
}

void Messages::wake_for_notification(Process& target) {
    if (target.blocked_by(Blocker::receiving) && !target.blocked_by(Blocker::sending)) deliver_notification(target);
}

// Hands over the most urgent pending notification that the receiver's filter lets through.
bool Messages::deliver_notification(Process& receiver) {
    if (receiver.awaits_reply || (receiver.attention & pending_notifications) == 0) return false;
    const auto give = [&](Endpoint source, std::uint64_t pending) {
        if (receiver.needs(Attention::observed)) [[unlikely]]
            observer_.notification(source, receiver, pending);
        give_notification(receiver, source, pending);
        return true;
    };
    const auto wants = [&](Endpoint source) {
        return receiver.receive_from == endpoints::any || receiver.receive_from == source;
    };
    if (wants(endpoints::hardware) && receiver.take(Attention::lines))
        return give(endpoints::hardware, std::exchange(receiver.pending_lines, 0));
    if (wants(endpoints::clock) && receiver.take(Attention::alarm)) return give(endpoints::clock, 0);
    if (wants(endpoints::kernel) && receiver.take(Attention::events))
        return give(endpoints::kernel, std::exchange(receiver.pending_events, 0));
    if (!receiver.needs(Attention::notifiers)) return false;
    const bool from_any = receiver.receive_from == endpoints::any;
    const std::uint32_t slot = from_any ? receiver.notifiers.first() : receiver.receive_from.slot();
    if (slot >= process_limit || !receiver.notifiers.test(slot)) return false;
    forget_notifier(receiver, slot);
    return give(processes_.at(slot).endpoint, 0);
}

void Messages::give_notification(Process& receiver, Endpoint source, std::uint64_t pending) {
    ++counters_.notifications;
    // The other words stay the receiver's own.
    receiver.context.message.words[0] = time_.now().value;
    receiver.context.message.words[1] = pending;
    complete_receive(receiver, source, MessageKind::notification);
}

bool Messages::deliver_asynchronous(Process& receiver) {
    if (!receiver.needs(Attention::asynchronous)) return false;
    AsynchronousMessage* message = receiver.asynchronous.take(receiver.receive_from);
    if (message == nullptr) return false;
    if (receiver.asynchronous.empty()) receiver.settle(Attention::asynchronous);
    Process& sender = processes_.at(message->from.slot()); // lives: its messages go with it
    give_asynchronous(sender, receiver, message->words);
    free_asynchronous(sender, *message);
    return true;
}

void Messages::give_asynchronous(Process& sender, Process& receiver, const Message& words) {
    ++sender.messages_sent;
    ++counters_.messages;
    receiver.context.message = words;
    if (receiver.needs(Attention::observed)) [[unlikely]]
        observer_.message(sender, receiver, MessageKind::asynchronous);
    complete_receive(receiver, sender.endpoint, MessageKind::asynchronous);
}

// It was taken, or its loss was told.
void Messages::free_asynchronous(Process& sender, AsynchronousMessage& message) {
    store_.release(message);
    --sender.asynchronous_count;
    if (std::exchange(sender.wants_asynchronous_room, false)) notify_event(sender, KernelEvent::asynchronous_room);
}

Result<AsynchronousMessage> Messages::next_lost(Process& sender) {
    AsynchronousMessage* message = sender.lost.take();
    if (message == nullptr) return Status::no_entry;
    const AsynchronousMessage copy = *message;
    free_asynchronous(sender, *message);
    return copy;
}

bool Messages::deliver_queued(Process& receiver) {
    for (Process* sender = receiver.first_sender; sender != nullptr; sender = sender->next_sender) {
        if (receiver.receive_from != endpoints::any && receiver.receive_from != sender->endpoint) continue;
        dequeue(*sender, receiver);
        deliver(*sender, receiver);
        return true;
    }
    return false;
}

// The receiver accepts: moves the words and lets both go on. The sender of a send_receive stays blocked for its answer;
// who waits for VM stays blocked for that.
void Messages::deliver(Process& sender, Process& receiver) {
    if (sender.outgoing.kind != MessageKind::message) return deliver_kernel_words(sender, receiver);
    ++sender.messages_sent;
    ++counters_.messages;
    receiver.context.message = sender.context.message;
    if (receiver.needs(Attention::observed)) [[unlikely]]
        observer_.message(sender, receiver, MessageKind::message);
    complete_receive(receiver, sender.endpoint, MessageKind::message);
    sender.unblock(Blocker::sending);
    scheduler_.update(sender);
}

void Messages::deliver_kernel_words(const Process& source, Process& vm) {
    vm.context.message = source.outgoing.kernel_words;
    if (vm.needs(Attention::observed)) [[unlikely]]
        observer_.message(source, vm, source.outgoing.kind);
    complete_receive(vm, source.endpoint, source.outgoing.kind);
}

// The words are in the receiver's context already.
void Messages::complete_receive(Process& receiver, Endpoint source, MessageKind kind) {
    receiver.context.operation = static_cast<std::uint64_t>(kind);
    receiver.context.peer = source.value();
    receiver.awaits_reply = false;
    receiver.receive_from = {};
    receiver.unblock(Blocker::receiving);
    scheduler_.update(receiver);
}

void Messages::hand_to_vm(Process& process) {
    scheduler_.update(process);
    Process& vm = processes_.at(endpoints::vm.slot());
    if (vm.blocked_by(Blocker::dead)) return; // nobody will answer; RS stops the machine
    if (vm.accepts(process.endpoint)) return deliver_kernel_words(process, vm);
    process.send_to = endpoints::vm;
    enqueue(process, vm);
}

void Messages::forget_notifier(Process& receiver, std::uint32_t slot) {
    receiver.notifiers.reset(slot);
    if (receiver.notifiers.none()) receiver.settle(Attention::notifiers);
}

void Messages::enqueue(Process& sender, Process& target) {
    target.raise(Attention::senders);
    sender.next_sender = nullptr;
    (target.first_sender == nullptr ? target.first_sender : target.last_sender->next_sender) = &sender;
    target.last_sender = &sender;
}

void Messages::dequeue(Process& sender, Process& target) {
    Process* previous = nullptr;
    for (Process* entry = target.first_sender; entry != nullptr; previous = entry, entry = entry->next_sender) {
        if (entry != &sender) continue;
        (previous == nullptr ? target.first_sender : previous->next_sender) = sender.next_sender;
        if (target.last_sender == &sender) target.last_sender = previous;
        if (target.first_sender == nullptr) target.settle(Attention::senders);
        sender.next_sender = nullptr;
        sender.send_to = {};
        return;
    }
}

void Messages::abandon(Process& process) {
    if (const auto target = processes_.present(process.send_to); target.has_value()) dequeue(process, **target);
    process.send_to = {};
    process.receive_from = {};
    process.awaits_reply = false;
    process.unblock(Blocker::sending);
    process.unblock(Blocker::receiving);
    process.unblock(Blocker::page_fault);
    process.unblock(Blocker::vm_request);
    process.unblock(Blocker::signal_wait);
    process.settle(Attention::restart_call);
    scheduler_.update(process);
}

void Messages::forget(Process& dead) {
    abandon(dead);
    wake_partners(dead);
    lose_asynchronous(dead);
    dead.notifiers = {};
    dead.settle(Attention::notifiers);
    dead.settle(Attention::senders);
    dead.first_sender = nullptr;
    dead.last_sender = nullptr;
}

void Messages::wake_partners(Process& dead) {
    for (Process& process : processes_.all()) {
        forget_notifier(process, dead.endpoint.slot());
        const bool sends = process.blocked_by(Blocker::sending) && process.send_to == dead.endpoint;
        const bool waits = process.blocked_by(Blocker::receiving) && process.receive_from == dead.endpoint;
        if (&process == &dead || (!sends && !waits)) continue;
        abandon(process);
        process.finish(Status::dead_endpoint);
    }
}

void Messages::lose_asynchronous(Process& dead) {
    while (AsynchronousMessage* message = dead.asynchronous.take()) {
        Process& sender = processes_.at(message->from.slot());
        // One event for all of them: the sender fetches until there is none.
        const bool first = sender.lost.empty();
        sender.lost.push(*message);
        if (first) notify_event(sender, KernelEvent::message_lost);
    }
    dead.settle(Attention::asynchronous);
    while (AsynchronousMessage* message = dead.lost.take()) store_.release(*message);
    for (Process& process : processes_.all()) {
        while (AsynchronousMessage* message = process.asynchronous.take(dead.endpoint)) store_.release(*message);
        if (process.asynchronous.empty()) process.settle(Attention::asynchronous);
    }
    dead.asynchronous_count = 0;
    dead.wants_asynchronous_room = false;
}

} // namespace tessera::kernel
