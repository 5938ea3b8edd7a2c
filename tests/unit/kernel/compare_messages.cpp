// SPDX-License-Identifier: BSD-3-Clause
// The comparison of the kernel with the reference model.

#include "tests/unit/kernel/random_messages.h"
#include <format>
#include <stdexcept>

namespace tessera::kernel::test {

namespace {

std::uint32_t blockers_of(const ModelProcess& process) {
    std::uint32_t blockers = 0;
    const auto set = [&](bool condition, Blocker blocker) {
        if (condition) blockers |= static_cast<std::uint32_t>(blocker);
    };
    set(process.dead, Blocker::dead);
    set(process.stopped, Blocker::stopped);
    set(process.no_space, Blocker::no_space);
    set(process.sends_to.has_value(), Blocker::sending);
    set(process.receives_from.has_value(), Blocker::receiving);
    set(process.vm_wait == VmWait::fault, Blocker::page_fault);
    set(process.vm_wait == VmWait::request, Blocker::vm_request);
    set(process.held, Blocker::no_quantum);
    return blockers;
}

// Whether the intrusive list of senders is exactly the model's, with a right last element.
bool same_queue(Kernel& kernel, const Process& receiver, const std::list<std::uint32_t>& expected) {
    const Process* at = receiver.first_sender;
    const Process* last = nullptr;
    for (const std::uint32_t slot : expected) {
        if (at != &kernel.processes.at(slot)) return false;
        last = at;
        at = at->next_sender;
    }
    return at == nullptr && receiver.last_sender == last;
}

bool same_asynchronous(AsynchronousQueue queue, const std::list<ModelAsynchronous>& expected) {
    for (const ModelAsynchronous& each : expected) {
        const AsynchronousMessage* message = queue.take();
        if (message == nullptr || message->from.slot() != each.from || message->to != each.to) return false;
        if (message->words.words[0] != each.word) return false;
    }
    return queue.empty();
}

template <class Set> std::uint64_t bits_of(const Set& set) {
    std::uint64_t bits = 0;
    for (const auto each : set) bits |= 1ull << static_cast<unsigned>(each);
    return bits;
}

} // namespace

void RandomMessages::compare() {
    for (std::uint32_t slot = 0; slot <= process_count; ++slot) compare_process(slot);
    for (const auto& list : model_.ready) {
        for (auto each = list.begin(); each != list.end(); ++each) {
            const auto after = std::next(each);
            const Process* expected = after == list.end() ? nullptr : &system_.kernel->processes.at(*after);
            require(system_.kernel->processes.at(*each).next_ready == expected, "its place in the ready queue", *each);
        }
    }
    const auto broken = model_.broken_invariant();
    if (broken) fail(*broken);
}

void RandomMessages::compare_process(std::uint32_t slot) {
    Process& process = system_.kernel->processes.at(slot);
    const auto found = model_.processes.find(slot);
    if (found == model_.processes.end()) {
        require(blocked_only_by(process, Blocker::free_slot), "a slot that should be free", slot);
        require(!process.queued && process.next_sender == nullptr && process.first_sender == nullptr,
                "a free slot in a queue", slot);
        return;
    }
    const ModelProcess& model = found->second;
    require(process.endpoint == model.endpoint, "endpoint", slot);
    require(process.blockers == blockers_of(model), "blockers", slot);
    require(process.queued == model_.queued(slot), "ready but not runnable, or the reverse", slot);
    require(process.priority == model.priority, "priority", slot);
    require(process.quantum_left == model.quantum, "quantum", slot);
    require(process.awaits_reply == model.awaits_reply, "awaits_reply", slot);
    require(process.needs(Attention::restart_call) == (model.call_restarts || model.vm_wait == VmWait::request),
            "restart_call", slot);
    if (model.sends_to) require(process.send_to == *model.sends_to, "send_to", slot);
    require(process.receive_from == model.receives_from.value_or(endpoints::none), "receive_from", slot);
    require(same_queue(*system_.kernel, process, model.senders), "queue of senders", slot);
    require(same_asynchronous(process.asynchronous, model.asynchronous), "asynchronous messages", slot);
    require(same_asynchronous(process.lost, model.lost), "lost messages", slot);
    require(process.asynchronous_count == model_.kept_of(slot), "count of asynchronous messages", slot);
    require(process.needs(Attention::asynchronous) == !model.asynchronous.empty(), "attention", slot);
    SlotSet notifiers;
    for (const std::uint32_t notifier : model.notifiers) notifiers.set(notifier);
    require(process.notifiers == notifiers, "pending notifications", slot);
    if (!model.dead) {
        require(process.pending_lines == bits_of(model.lines), "pending lines", slot);
        require(process.pending_events == bits_of(model.events), "pending events", slot);
        require(process.needs(Attention::alarm) == model.alarm_rang, "alarm", slot);
    }
    if (model.runnable() && !model.call_restarts && model.outcome) compare_outcome(process, *model.outcome);
}

void RandomMessages::compare_outcome(const Process& process, const Outcome& expected) {
    const std::uint32_t slot = process.endpoint.slot();
    require(System::status_of(process) == expected.status, "status", slot);
    if (!expected.kind) return;
    const Received received = System::received(process);
    const auto& words = received.message.words;
    require(received.kind == *expected.kind, "kind of what was received", slot);
    require(received.source == expected.source, "source of what was received", slot);
    require(words[0] == expected.first_word, "first word of what was received", slot);
    switch (*expected.kind) {
    case MessageKind::message:
    case MessageKind::asynchronous:
    case MessageKind::notification:
        return require(words[1] == expected.second_word, "second word of what was received", slot);
    case MessageKind::memory_request:
        return require(words[1] == missing.value && words[2] == expected.second_word, "memory that VM is asked for",
                       slot);
    case MessageKind::fault:
        return;
    }
}

void RandomMessages::note(std::string_view what, std::uint64_t first, std::uint64_t second) {
    constexpr std::size_t kept = 12;
    notes_.push_back({what, first, second});
    if (notes_.size() > kept) notes_.pop_front();
}

void RandomMessages::require(bool condition, std::string_view what, std::uint32_t slot) {
    if (!condition) [[unlikely]]
        fail(std::format("kernel and model differ: slot {}, {}", slot, what));
}

void RandomMessages::fail(const std::string& what) {
    std::string text = std::format("seed {}, step {}: {}; done last:", seed_, steps_done_, what);
    for (const Note& each : notes_) text += std::format("\n  {} {:#x} {:#x}", each.what, each.first, each.second);
    throw std::runtime_error(text);
}

} // namespace tessera::kernel::test
