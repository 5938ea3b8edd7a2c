// SPDX-License-Identifier: BSD-3-Clause
// What becomes of a process that used up its quantum: the kernel's policy, and that of a server.

#include "kernel/abi/calls/scheduling.h"
#include "tests/unit/kernel/system.h"

using namespace tessera;
using namespace tessera::kernel;
using namespace tessera::kernel::test;
using kernel_calls::Schedule;
using kernel_calls::ScheduleNext;

namespace {

constexpr ServiceId policy_service{40};
constexpr std::uint32_t ticks_of_quantum = 4;
constexpr std::uint32_t ticks_between_lifts = 100;

struct Quanta {
    System system;
    Process& policy = system.start("policy", {.service = policy_service, .priority = 2});
    Process& worker = system.start("worker");

    void tick(std::uint32_t times) {
        for (std::uint32_t i = 0; i < times; ++i) {
            (void)system.kernel->next();
            system.kernel->tick();
        }
    }
    // The worker alone runs, until its quantum is used up.
    void use_quantum() {
        REQUIRE(&system.kernel->next() == &worker);
        tick(ticks_of_quantum);
    }
    // An alarm: it makes kernel calls again.
    void wake_policy() { system.kernel->messages.notify_alarm(policy); }
    void let_policy_decide() {
        Privileges privileges = worker.privileges;
        privileges.scheduler = policy_service;
        system.kernel->scheduler.change_privileges(worker, privileges);
    }
    void wait_all() {
        system.receive(policy);
        system.receive(system.vm());
        system.kernel->scheduler.update(system.rs());
    }
    Quanta() {
        wait_all();
        if (system.rs().runnable()) system.receive(system.rs());
    }
};

} // namespace

TEST_CASE("without a scheduler a process sinks by one priority for each quantum, and rises with time") {
    Quanta quanta;
    const std::uint8_t base = quanta.worker.priority;
    quanta.use_quantum();
    CHECK(quanta.worker.priority == base + 1);
    CHECK(quanta.worker.runnable());
    for (int i = 0; i < 2 * priority_count; ++i) quanta.use_quantum();
    // It stays low as long as it computes, but for the lifts.
    CHECK(quanta.worker.priority >= priority_count - 2);
    quanta.system.receive(quanta.worker);
    for (std::uint32_t i = 0; i < priority_count * ticks_between_lifts; ++i) quanta.system.kernel->tick();
    CHECK(quanta.worker.priority == base);
}

TEST_CASE("nobody starves: a process that computes for ever does not keep a less urgent one from running") {
    Quanta quanta;
    Process& humble = quanta.system.start("humble", {.priority = priority_count - 1});
    bool ran = false;
    for (int i = 0; i < 200 && !ran; ++i) {
        ran = &quanta.system.kernel->next() == &humble;
        quanta.system.kernel->tick();
    }
    CHECK(ran);
}

TEST_CASE("a scheduler is told of a used-up quantum; the process waits for its decision") {
    Quanta quanta;
    quanta.let_policy_decide();
    quanta.use_quantum();
    CHECK(blocked_only_by(quanta.worker, Blocker::no_quantum));
    REQUIRE(quanta.policy.runnable());
    CHECK(System::received(quanta.policy).source == endpoints::kernel);
    CHECK(System::received(quanta.policy).message.words[1] == 1ull << static_cast<unsigned>(KernelEvent::quantum_used));

    const auto next = quanta.system.call<ScheduleNext>(quanta.policy);
    REQUIRE(next.has_value());
    CHECK(next->endpoint == quanta.worker.endpoint);
    CHECK(next->priority == 4);
    CHECK(next->most_urgent == 4);
    CHECK(quanta.system.call<ScheduleNext>(quanta.policy).status() == Status::no_entry); // each once
    CHECK_FALSE(quanta.worker.runnable());

    REQUIRE(quanta.system.call<Schedule>(quanta.policy, {quanta.worker.endpoint, 40, 9}).has_value());
    CHECK(quanta.worker.runnable());
    CHECK(quanta.worker.priority == 9);
    CHECK(quanta.worker.quantum_left == 2 * ticks_of_quantum);
}

TEST_CASE("the kernel does not lift what a scheduler has lowered") {
    Quanta quanta;
    quanta.let_policy_decide();
    quanta.wake_policy();
    REQUIRE(quanta.system.call<Schedule>(quanta.policy, {quanta.worker.endpoint, 20, 9}).has_value());
    quanta.system.receive(quanta.worker);
    for (std::uint32_t i = 0; i < 3 * ticks_between_lifts; ++i) quanta.system.kernel->tick();
    CHECK(quanta.worker.priority == 9);
    quanta.system.die(quanta.policy);
    for (std::uint32_t i = 0; i < ticks_between_lifts; ++i) quanta.system.kernel->tick();
    CHECK(quanta.worker.priority == 8);
}

TEST_CASE("when the scheduler dies those that wait for it go on") {
    Quanta quanta;
    quanta.let_policy_decide();
    quanta.use_quantum();
    REQUIRE_FALSE(quanta.worker.runnable());
    quanta.system.die(quanta.policy);
    CHECK(quanta.worker.runnable());
    CHECK(quanta.worker.queued);
}

TEST_CASE("new privileges let a process go on that waited for its scheduler") {
    Quanta quanta;
    quanta.let_policy_decide();
    quanta.use_quantum();
    REQUIRE_FALSE(quanta.worker.runnable());
    quanta.system.kernel->scheduler.change_privileges(quanta.worker, {});
    CHECK(quanta.worker.runnable());
}

TEST_CASE("schedule is for the scheduler of the process, within what its privileges allow") {
    Quanta quanta;
    quanta.wake_policy();
    const Endpoint worker = quanta.worker.endpoint;
    const auto answer = [&](Endpoint endpoint, std::uint32_t milliseconds, std::uint64_t priority) {
        return quanta.system.call<Schedule>(quanta.policy, {endpoint, milliseconds, priority}).status();
    };
    CHECK(answer(worker, 20, 5) == Status::not_permitted);
    quanta.let_policy_decide();
    CHECK(answer(worker, 20, 5) == Status::ok);
    CHECK(answer(worker, 20, 3) == Status::invalid); // more urgent than its privileges
    CHECK(answer(worker, 20, priority_count) == Status::invalid);
    CHECK(answer(worker, 0, 5) == Status::invalid);
    CHECK(answer(worker, kernel_calls::quantum_limit_milliseconds + 1, 5) == Status::invalid);
    CHECK(answer(Endpoint{worker.slot(), 77}, 20, 5) == Status::dead_endpoint);
    CHECK(quanta.worker.priority == 5);
}
