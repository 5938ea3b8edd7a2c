// SPDX-License-Identifier: BSD-3-Clause
#include "tests/unit/kernel/message_model.h"
#include <algorithm>
#include <format>

namespace tessera::kernel::test {

namespace {

bool is_kernel_source(Endpoint endpoint) {
    return endpoint == endpoints::hardware || endpoint == endpoints::clock || endpoint == endpoints::kernel;
}

// Whether the receiver waits for a message of `source`.
bool waits_for(const ModelProcess& receiver, Endpoint source) {
    if (!receiver.receives_from || receiver.sends_to) return false;
    return *receiver.receives_from == endpoints::any || *receiver.receives_from == source;
}

void finish(ModelProcess& process, Status status) { process.outcome = Outcome{.status = status}; }

} // namespace

// ---- Who there is

ModelProcess* MessageModel::present(Endpoint endpoint) {
    const auto found = processes.find(endpoint.slot());
    return found != processes.end() && found->second.endpoint == endpoint ? &found->second : nullptr;
}

ModelProcess* MessageModel::living(Endpoint endpoint) {
    ModelProcess* process = present(endpoint);
    return process != nullptr && !process->dead ? process : nullptr;
}

// ---- Messages

void MessageModel::deliver(ModelProcess& sender, ModelProcess& receiver) {
    receiver.awaits_reply = false;
    receiver.receives_from.reset();
    const std::uint32_t slot = sender.endpoint.slot();
    switch (sender.vm_wait) {
    case VmWait::none:
        receiver.outcome = Outcome{Status::ok, MessageKind::message, sender.endpoint, sender.word, ~sender.word};
        sender.sends_to.reset();
        break;
    case VmWait::fault:
        receiver.outcome = Outcome{Status::ok, MessageKind::fault, sender.endpoint, sender.word, 0};
        break;
    case VmWait::request:
        receiver.outcome =
            Outcome{Status::ok, MessageKind::memory_request, sender.endpoint, sender.endpoint.value(), sender.word};
        break;
    }
    receiver.senders.remove(slot);
    settle(receiver);
    settle(sender);
}

// Follows who waits for whom: each process waits for one other at most.
bool MessageModel::closes_cycle(const ModelProcess& waiting, const ModelProcess& target) {
    std::set<Endpoint> seen;
    for (const ModelProcess* at = &target; at != nullptr && seen.insert(at->endpoint).second;) {
        if (at == &waiting) return true;
        const auto next = at->sends_to ? at->sends_to : at->receives_from;
        at = next ? living(*next) : nullptr;
    }
    return false;
}

std::optional<Status> MessageModel::unreachable(Endpoint to) {
    const std::array special{endpoints::any, endpoints::self, endpoints::kernel, endpoints::hardware, endpoints::clock};
    if (std::ranges::count(special, to) != 0) return Status::invalid;
    if (living(to) == nullptr) return Status::dead_endpoint;
    return std::nullopt;
}

// A status when the message was delivered or refused; nothing when the receiver is not ready for it.
std::optional<Status> MessageModel::try_send(ModelProcess& sender, Endpoint to, std::uint64_t word) {
    if (const auto status = unreachable(to)) return status;
    ModelProcess* target = living(to);
    const bool answers = target->awaits_reply && waits_for(*target, sender.endpoint);
    const bool allowed = (sender.send_mask >> target->service.value & 1) != 0;
    if (!allowed && !answers) return Status::call_denied;
    if (target == &sender) return Status::locked;
    sender.word = word;
    if (!waits_for(*target, sender.endpoint)) return std::nullopt;
    deliver(sender, *target);
    return Status::ok;
}

void MessageModel::send(std::uint32_t slot, Endpoint to, std::uint64_t word) {
    ModelProcess& sender = processes.at(slot);
    auto result = try_send(sender, to, word);
    if (!result && closes_cycle(sender, *living(to))) result = Status::locked;
    finish(sender, result.value_or(Status::ok));
    if (result) return;
    sender.sends_to = to;
    living(to)->senders.push_back(slot);
    settle(sender);
}

void MessageModel::send_nonblocking(std::uint32_t slot, Endpoint to, std::uint64_t word) {
    ModelProcess& sender = processes.at(slot);
    finish(sender, try_send(sender, to, word).value_or(Status::not_ready));
}

void MessageModel::send_receive(std::uint32_t slot, Endpoint to, std::uint64_t word) {
    ModelProcess& sender = processes.at(slot);
    send(slot, to, word);
    if (sender.outcome->status != Status::ok) return;
    sender.receives_from = to;
    sender.awaits_reply = true;
    settle(sender);
}

void MessageModel::receive(std::uint32_t slot, Endpoint from) {
    ModelProcess& receiver = processes.at(slot);
    const bool one_process = from != endpoints::any && !is_kernel_source(from);
    if (one_process && living(from) == nullptr) return finish(receiver, Status::dead_endpoint);
    if (one_process && living(from) == &receiver) return finish(receiver, Status::locked);
    receiver.receives_from = from;
    if (take_notification(receiver) || take_asynchronous(receiver) || take_from_queue(receiver)) return;
    if (one_process && closes_cycle(receiver, *living(from))) {
        receiver.receives_from.reset();
        return finish(receiver, Status::locked);
    }
    settle(receiver);
}

void MessageModel::reply_receive(std::uint32_t slot, Endpoint to, std::uint64_t word) {
    (void)try_send(processes.at(slot), to, word);
    receive(slot, endpoints::any);
}

bool MessageModel::take_notification(ModelProcess& receiver) {
    if (receiver.awaits_reply) return false;
    const auto give = [&](Endpoint source, std::uint64_t pending) {
        receiver.receives_from.reset();
        receiver.outcome = Outcome{Status::ok, MessageKind::notification, source, now, pending};
        settle(receiver);
        return true;
    };
    const auto wanted = [&](Endpoint source) {
        return *receiver.receives_from == endpoints::any || *receiver.receives_from == source;
    };
    if (!receiver.lines.empty() && wanted(endpoints::hardware)) {
        std::uint64_t pending = 0;
        for (const std::uint32_t line : receiver.lines) pending |= 1ull << line;
        receiver.lines.clear();
        return give(endpoints::hardware, pending);
    }
    if (receiver.alarm_rang && wanted(endpoints::clock)) {
        receiver.alarm_rang = false;
        return give(endpoints::clock, 0);
    }
    if (!receiver.events.empty() && wanted(endpoints::kernel)) {
        std::uint64_t pending = 0;
        for (const KernelEvent event : receiver.events) pending |= 1ull << static_cast<unsigned>(event);
        receiver.events.clear();
        return give(endpoints::kernel, pending);
    }
    for (const std::uint32_t slot : receiver.notifiers) {
        const Endpoint source = processes.at(slot).endpoint;
        if (!wanted(source)) continue;
        receiver.notifiers.erase(slot);
        return give(source, 0);
    }
    return false;
}

void MessageModel::send_asynchronous(std::uint32_t slot, Endpoint to, std::uint64_t word) {
    ModelProcess& sender = processes.at(slot);
    if (const auto status = unreachable(to)) return finish(sender, *status);
    ModelProcess* target = living(to);
    if ((sender.send_mask >> target->service.value & 1) == 0) return finish(sender, Status::call_denied);
    if (target == &sender) return finish(sender, Status::locked);
    finish(sender, Status::ok);
    if (waits_for(*target, sender.endpoint) && !target->awaits_reply) return give_asynchronous(slot, *target, word);
    if (kept_of(slot) == asynchronous_limit) {
        sender.wants_room = true;
        return finish(sender, Status::try_again);
    }
    target->asynchronous.push_back({slot, to, word});
}

void MessageModel::give_asynchronous(std::uint32_t from, ModelProcess& receiver, std::uint64_t word) {
    receiver.receives_from.reset();
    receiver.outcome = Outcome{Status::ok, MessageKind::asynchronous, processes.at(from).endpoint, word, ~word};
    settle(receiver);
}

bool MessageModel::take_asynchronous(ModelProcess& receiver) {
    const auto wanted = [&](const ModelAsynchronous& each) {
        return waits_for(receiver, processes.at(each.from).endpoint);
    };
    const auto found = std::ranges::find_if(receiver.asynchronous, wanted);
    if (found == receiver.asynchronous.end()) return false;
    const ModelAsynchronous taken = *found;
    receiver.asynchronous.erase(found);
    give_asynchronous(taken.from, receiver, taken.word);
    room_for(processes.at(taken.from));
    return true;
}

std::size_t MessageModel::kept_of(std::uint32_t slot) const {
    std::size_t count = processes.at(slot).lost.size();
    for (const auto& [each, process] : processes)
        count += static_cast<std::size_t>(std::ranges::count(process.asynchronous, slot, &ModelAsynchronous::from));
    return count;
}

void MessageModel::room_for(ModelProcess& sender) {
    if (std::exchange(sender.wants_room, false)) notify_event(sender.endpoint.slot(), KernelEvent::asynchronous_room);
}

void MessageModel::fetch_lost(std::uint32_t slot) {
    ModelProcess& process = processes.at(slot);
    if (process.lost.empty()) return finish(process, Status::no_entry);
    const ModelAsynchronous lost = process.lost.front();
    process.lost.pop_front();
    process.outcome = Outcome{.status = Status::ok, .kind = {}, .source = {}};
    last_lost = lost;
    room_for(process);
}

bool MessageModel::take_from_queue(ModelProcess& receiver) {
    for (const std::uint32_t slot : receiver.senders) {
        ModelProcess& sender = processes.at(slot);
        if (!waits_for(receiver, sender.endpoint)) continue;
        deliver(sender, receiver);
        return true;
    }
    return false;
}

void MessageModel::wake_for_notification(ModelProcess& target) {
    if (target.receives_from && !target.sends_to) take_notification(target);
}

void MessageModel::notify(std::uint32_t slot, Endpoint to) {
    ModelProcess& sender = processes.at(slot);
    if (const auto status = unreachable(to)) return finish(sender, *status);
    ModelProcess* target = living(to);
    if ((sender.send_mask >> target->service.value & 1) == 0) return finish(sender, Status::call_denied);
    finish(sender, Status::ok);
    target->notifiers.insert(slot);
    wake_for_notification(*target);
}

void MessageModel::notify_line(std::uint32_t slot, std::uint32_t line) {
    processes.at(slot).lines.insert(line);
    wake_for_notification(processes.at(slot));
}

void MessageModel::notify_alarm(std::uint32_t slot) {
    processes.at(slot).alarm_rang = true;
    wake_for_notification(processes.at(slot));
}

void MessageModel::notify_event(std::uint32_t slot, KernelEvent event) {
    processes.at(slot).events.insert(event);
    wake_for_notification(processes.at(slot));
}

// ---- Waiting for VM

void MessageModel::hand_to_vm(ModelProcess& process, VmWait why, std::uint64_t word) {
    process.vm_wait = why;
    process.word = word;
    settle(process);
    if (waits_for(vm(), process.endpoint))
        deliver(process, vm());
    else
        vm().senders.push_back(process.endpoint.slot());
}

void MessageModel::page_fault(std::uint32_t slot, std::uint64_t address) {
    hand_to_vm(processes.at(slot), VmWait::fault, address);
}

void MessageModel::write_log(std::uint32_t slot, std::uint64_t bytes) {
    ModelProcess& process = processes.at(slot);
    process.word = bytes;
    if (process.page_present) {
        finish(process, Status::ok);
        log_line();
    } else if (process.endpoint == endpoints::vm)
        finish(process, Status::bad_address);
    else {
        process.outcome.reset();
        hand_to_vm(process, VmWait::request, bytes);
    }
}

Status MessageModel::resolve(Endpoint endpoint, Status status) {
    ModelProcess* process = living(endpoint);
    if (process == nullptr) return Status::dead_endpoint;
    const bool received = process->vm_wait != VmWait::none && std::ranges::count(vm().senders, endpoint.slot()) == 0;
    if (!received) return Status::invalid;
    const bool fault = process->vm_wait == VmWait::fault;
    if (fault && status != Status::ok) {
        die(endpoint.slot());
        return Status::ok;
    }
    process->vm_wait = VmWait::none;
    if (!fault) process->call_restarts = status == Status::ok;
    if (!fault && status != Status::ok) finish(*process, Status::bad_address);
    settle(*process);
    return Status::ok;
}

} // namespace tessera::kernel::test
