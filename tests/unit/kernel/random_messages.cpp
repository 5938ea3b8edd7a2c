// SPDX-License-Identifier: BSD-3-Clause
#include "tests/unit/kernel/random_messages.h"
#include "kernel/abi/calls/messages.h"
#include "kernel/abi/calls/privileges.h"
#include "kernel/abi/calls/processes.h"
#include "kernel/abi/calls/scheduling.h"
#include "kernel/abi/calls/spaces.h"
#include "kernel/abi/calls/time_and_log.h"
#include <format>

namespace tessera::kernel::test {

using namespace kernel_calls;

namespace {

constexpr std::uint8_t administrator_service = 63;
constexpr std::array special_endpoints{endpoints::none,     endpoints::any,   endpoints::self, endpoints::kernel,
                                       endpoints::hardware, endpoints::clock, Endpoint{200, 1}};

} // namespace

RandomMessages::RandomMessages(std::uint64_t seed)
    : seed_(seed),
      random_(seed),
      administrator_(system_.start("admin", {.service = {administrator_service}, .priority = priority_count - 1})) {
    for (const Process* process : {&system_.vm(), &system_.rs(), &administrator_}) {
        const Endpoint endpoint = model_.create();
        model_.change_privileges(endpoint.slot(), process->privileges);
        (void)model_.bind(endpoint);
        (void)model_.start(endpoint);
    }
}

void RandomMessages::run(std::uint64_t steps) {
    for (std::uint64_t i = 0; i < steps; ++i) {
        ++steps_done_;
        system_.machine.history.clear();
        system_.machine.console.clear();
        system_.machine.counter.value += 1000;
        model_.now += 1000;
        step();
        compare();
    }
}

// ---- Choosing

// A process that can do something now; never the administrator.
std::optional<std::uint32_t> RandomMessages::runnable_slot() {
    std::array<std::uint32_t, process_count> found{};
    std::uint32_t count = 0;
    for (const auto& [slot, process] : model_.processes)
        if (process.runnable() && !process.call_restarts && slot != administrator_.endpoint.slot())
            found[count++] = slot;
    if (count == 0) return std::nullopt;
    return found[pick(count)];
}

std::uint32_t RandomMessages::any_slot() {
    auto chosen = std::next(model_.processes.begin(), pick(static_cast<std::uint32_t>(model_.processes.size())));
    if (chosen->first == administrator_.endpoint.slot()) ++chosen;
    return chosen == model_.processes.end() ? endpoints::rs.slot() : chosen->first;
}

Endpoint RandomMessages::any_endpoint() {
    const Endpoint endpoint = model_.processes.at(any_slot()).endpoint;
    return chance(95) ? endpoint : Endpoint{endpoint.slot(), endpoint.generation() - 1};
}

// Often one that waits for this process, seldom one that is no process at all.
Endpoint RandomMessages::peer_of(std::uint32_t slot) {
    const Endpoint endpoint = model_.processes.at(slot).endpoint;
    if (chance(50))
        for (const auto& [other, process] : model_.processes)
            if (process.receives_from == endpoint && chance(50)) return process.endpoint;
    if (chance(5)) return special_endpoints[pick(special_endpoints.size())];
    const Endpoint first = any_endpoint();
    const auto found = model_.processes.find(first.slot());
    return found->second.dead && chance(70) ? any_endpoint() : first;
}

// ---- Doing

void RandomMessages::step() {
    const auto slot = runnable_slot();
    const std::uint32_t choice = pick(100);
    if (slot && choice < 70) return act(*slot);
    if (!slot && choice < 4) return end_one(); // all wait for each other, perhaps
    if (!slot && choice < 62) return notify_from_kernel(any_slot());
    if (choice < 84) return interfere();
    if (choice < 94) return govern();
    next();
}

void RandomMessages::act(std::uint32_t slot) {
    Process& process = system_.kernel->processes.at(slot);
    const bool core = process.is_core();
    const std::uint32_t choice = pick(100);
    if (choice < 84) return call_messages(slot, choice);
    if (choice < 88 && slot != endpoints::vm.slot()) {
        const std::uint64_t address = pick(1u << 30);
        note("page fault", slot, address);
        system_.page_fault(process, address);
        model_.page_fault(slot, address);
    } else if (choice < 95) {
        const std::uint32_t bytes = 1 + pick(100);
        note("log_write", slot, bytes);
        (void)system_.call<LogWrite>(process, {missing, bytes, LogLevel::info});
        model_.write_log(slot, bytes);
    } else if (choice < 97) {
        const std::uint64_t deadline = chance(20) ? 0 : model_.now + pick(100'000);
        note("alarm_set", slot, deadline);
        (void)system_.call<AlarmSet>(process, {{deadline}});
        model_.set_alarm(slot, deadline);
    } else if (choice < 98) {
        note("message_next_lost", slot);
        const auto lost = system_.call<MessageNextLost>(process);
        model_.fetch_lost(slot);
        if (lost.has_value() && (lost->receiver != model_.last_lost->to || lost->words[0] != model_.last_lost->word))
            fail("message_next_lost brings another message");
    } else if (choice < 99 && chance(50)) {
        note("log_watch", slot);
        (void)system_.call<LogWatch>(process);
        model_.watch_log(slot);
    } else if (!core && chance(20)) {
        note("exit", slot);
        (void)system_.call<Exit>(process, {1});
        model_.die(slot, MessageModel::Death::exit);
    }
}

void RandomMessages::call_messages(std::uint32_t slot, std::uint32_t choice) {
    Process& process = system_.kernel->processes.at(slot);
    // VM, for which others wait without it, seldom blocks for them.
    if (slot == endpoints::vm.slot() && chance(98)) choice = 8 + choice % 32;
    const Endpoint to = peer_of(slot);
    const std::uint64_t word = next_word_++;
    const Message message = System::words(word, ~word);
    const auto enter = [&](std::string_view what, Primitive primitive, Endpoint endpoint) {
        note(what, slot, endpoint.value());
        system_.enter(process, primitive, endpoint, message);
    };
    if (choice < 8) {
        enter("send", Primitive::send, to);
        model_.send(slot, to, word);
    } else if (choice < 15) {
        enter("send_nonblocking", Primitive::send_nonblocking, to);
        model_.send_nonblocking(slot, to, word);
    } else if (choice < 40) {
        enter("receive", Primitive::receive, endpoints::any);
        model_.receive(slot, endpoints::any);
    } else if (choice < 46) {
        enter("receive", Primitive::receive, to);
        model_.receive(slot, to);
    } else if (choice < 58) {
        enter("send_receive", Primitive::send_receive, to);
        model_.send_receive(slot, to, word);
    } else if (choice < 62) {
        enter("notify", Primitive::notify, to);
        model_.notify(slot, to);
    } else if (choice < 71) {
        enter("send_asynchronous", Primitive::send_asynchronous, to);
        model_.send_asynchronous(slot, to, word);
    } else {
        // Mostly to who sent last, as servers do.
        const auto& last = model_.processes.at(slot).outcome;
        const Endpoint client = last && last->kind && chance(80) ? last->source : to;
        enter("reply_receive", Primitive::reply_receive, client);
        model_.reply_receive(slot, client, word);
    }
}

void RandomMessages::reap(const ModelProcess& dead) {
    const Endpoint endpoint = dead.endpoint;
    note("reap", endpoint.value());
    administer<SpaceUnbind>({endpoint}, model_.unbind(endpoint));
    administer<ProcessDestroy>({endpoint}, model_.destroy(endpoint));
}

void RandomMessages::end_one() {
    const Endpoint endpoint = any_endpoint();
    note("process_kill", endpoint.value());
    administer<ProcessKill>({endpoint}, model_.kill(endpoint));
}

// What comes from outside: interrupts, time, VM's answers.
void RandomMessages::interfere() {
    const std::uint32_t choice = pick(100);
    const std::uint32_t slot = any_slot();
    if (choice < 50) return resolve();
    if (choice < 60) return notify_from_kernel(slot);
    if (choice < 75) return schedule();
    note("clock tick");
    // A clock interrupt, and a tick of the scheduler at each of them: in the kernel five milliseconds are between
    // those.
    system_.kernel->clock.ring(system_.kernel->time.now());
    system_.kernel->tick();
    model_.clock_tick();
}

void RandomMessages::notify_from_kernel(std::uint32_t slot) {
    Process& process = system_.kernel->processes.at(slot);
    if (model_.processes.at(slot).dead) return;
    const std::uint32_t choice = pick(100);
    if (choice < 50) {
        const std::uint32_t line = pick(16);
        note("interrupt", slot, line);
        system_.kernel->messages.notify_interrupt(process, {line});
        model_.notify_line(slot, line);
    } else if (choice < 75) {
        note("alarm", slot);
        system_.kernel->messages.notify_alarm(process);
        model_.notify_alarm(slot);
    } else {
        const auto event = static_cast<KernelEvent>(pick(2));
        note("event", slot, static_cast<std::uint64_t>(event));
        system_.kernel->messages.notify_event(process, event);
        model_.notify_event(slot, event);
    }
}

void RandomMessages::resolve() {
    Endpoint endpoint = any_endpoint();
    for (const auto& [slot, process] : model_.processes)
        if (process.vm_wait != VmWait::none && chance(70)) endpoint = process.endpoint;
    // A refused fault would end RS, and with it the machine.
    const Status answer = endpoint == endpoints::rs || chance(85) ? Status::ok : Status::out_of_memory;
    const auto found = model_.processes.find(endpoint.slot());
    if (answer == Status::ok && found != model_.processes.end() && chance(80)) {
        found->second.page_present = true;
        system_.memory(system_.kernel->processes.at(endpoint.slot())).map(missing, page_bytes);
    }
    note("fault_resolve", endpoint.value(), static_cast<std::uint64_t>(answer));
    administer<FaultResolve>({endpoint, answer}, model_.resolve(endpoint, answer));
}

// What the administrator does as the scheduler of some.
void RandomMessages::schedule() {
    if (chance(60)) {
        note("schedule_next");
        const auto expected = model_.schedule_next({administrator_service});
        const auto brought = system_.call<ScheduleNext>(administrator_);
        if (brought.has_value() != expected.has_value() || (expected && brought->endpoint != *expected))
            fail("schedule_next brings another process");
        if (!expected) return;
    }
    Endpoint endpoint = any_endpoint();
    for (const auto& [slot, process] : model_.processes)
        if (process.told && chance(70)) endpoint = process.endpoint;
    const std::uint32_t milliseconds = chance(5) ? pick(2) * 2000 : 1 + pick(30);
    const std::uint64_t priority = pick(priority_count + 1);
    note("schedule", endpoint.value(), priority);
    administer<Schedule>({endpoint, milliseconds, priority},
                         model_.schedule({administrator_service}, endpoint, priority, milliseconds));
}

// What RS does.
void RandomMessages::govern() {
    const std::uint32_t choice = pick(100);
    const Endpoint endpoint = any_endpoint();
    const auto found = model_.processes.find(endpoint.slot());
    if (found->second.dead && chance(70)) return reap(found->second);
    const auto call = [&]<class Call>(std::string_view what, Call, Status (MessageModel::*model)(Endpoint)) {
        note(what, endpoint.value());
        administer<Call>({endpoint}, (model_.*model)(endpoint));
    };
    if (choice < 25) return create();
    if (choice < 29) return call("process_stop", ProcessStop{}, &MessageModel::stop);
    if (choice < 48) return call("process_start", ProcessStart{}, &MessageModel::start);
    if (choice < 55) return end_one();
    if (choice < 67) return call("space_unbind", SpaceUnbind{}, &MessageModel::unbind);
    if (choice < 84) return call("process_destroy", ProcessDestroy{}, &MessageModel::destroy);
    if (choice < 88) {
        note("process_inject", endpoint.value());
        const Status expected = model_.inject(endpoint);
        return administer<ProcessInject>({endpoint, InjectedFault::null_jump}, expected);
    }
    if (choice < 94 && endpoint != endpoints::vm) {
        note("space_bind", endpoint.value());
        return administer<SpaceBind>({endpoint, program_entry, data + page_bytes}, model_.bind(endpoint));
    }
    set_privileges(endpoint);
}

void RandomMessages::create() {
    if (model_.processes.size() == process_count) return;
    const Endpoint endpoint = model_.create();
    note("process_create", endpoint.value());
    const auto created = system_.call<ProcessCreate>(administrator_, {Name{"p"}});
    if (created.status() != Status::ok || created->endpoint != endpoint) fail("another endpoint was created");
    arch::RootEntry& entry = system_.machine.root_page(system_.machine.root_entries)[endpoint.slot()];
    if (!entry.present()) entry = system_.machine.create_space();
    system_.machine.space(entry).unmap(missing, page_bytes);
    set_privileges(endpoint);
    if (chance(90)) administer<SpaceBind>({endpoint, program_entry, data + page_bytes}, model_.bind(endpoint));
    if (chance(90)) administer<ProcessStart>({endpoint}, model_.start(endpoint));
}

void RandomMessages::set_privileges(Endpoint endpoint) {
    const auto found = model_.processes.find(endpoint.slot());
    if (found == model_.processes.end() || found->second.endpoint != endpoint || found->second.dead) return;
    if (endpoint == endpoints::vm || endpoint == endpoints::rs) return;
    Privileges privileges;
    privileges.send_mask = chance(70) ? ~0ull : random_();
    privileges.kernel_call_mask = ~0ull;
    privileges.primitive_mask = all_primitives;
    privileges.service = {static_cast<std::uint8_t>(chance(20) ? 0 : 3 + pick(8))};
    privileges.supervisor = {static_cast<std::uint8_t>(pick(12))};
    privileges.scheduler = {static_cast<std::uint8_t>(chance(40) ? administrator_service : chance(30) ? pick(12) : 0)};
    privileges.priority = static_cast<std::uint8_t>(pick(4));
    privileges.quantum_milliseconds = 3 + pick(20);
    system_.memory(administrator_).put(data, privileges);
    note("privilege_set", endpoint.value(), privileges.send_mask);
    model_.change_privileges(endpoint.slot(), privileges);
    administer<PrivilegeSet>({endpoint, data}, Status::ok);
}

void RandomMessages::next() {
    note("next");
    const auto expected = model_.next();
    try {
        const Process& picked = system_.kernel->next();
        if (!expected || picked.endpoint.slot() != *expected) fail("the kernel runs another process");
    } catch (const host::Idle&) {
        if (expected) fail("the kernel finds nothing to run");
    }
}

template <class Call> void RandomMessages::administer(const typename Call::Request& request, Status expected) {
    const Status answer = system_.call<Call>(administrator_, request).status();
    if (answer != expected)
        fail(std::format("{} answers {} instead of {}", Call::name, status_name(answer), status_name(expected)));
}

} // namespace tessera::kernel::test
