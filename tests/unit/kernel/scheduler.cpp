// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/core/scheduler.h"
#include "tests/unit/kernel/system.h"
#include <list>
#include <random>

using namespace tessera;
using namespace tessera::kernel;

namespace {

// A table with some runnable processes, and the scheduler over it.
struct Ready {
    std::unique_ptr<ProcessTable> table = std::make_unique<ProcessTable>();
    Scheduler scheduler;

    Process& add(std::uint8_t priority, std::uint32_t quantum_milliseconds = 20) {
        Process& process = **table->create(Name{"p"});
        process.privileges.priority = priority;
        process.privileges.quantum_milliseconds = quantum_milliseconds;
        process.unblock(Blocker::no_space);
        wake(process);
        return process;
    }
    void wake(Process& process) {
        process.unblock(Blocker::stopped);
        scheduler.update(process);
    }
    void block(Process& process) {
        process.block(Blocker::stopped);
        scheduler.update(process);
    }
    // Takes the processes out in the order in which they would run if each blocked at once.
    std::vector<Process*> drain() {
        std::vector<Process*> order;
        while (Process* process = scheduler.pick()) {
            order.push_back(process);
            block(*process);
        }
        return order;
    }
};

using Order = std::vector<Process*>;

} // namespace

TEST_CASE("with nothing to run the scheduler picks nothing") {
    Ready ready;
    CHECK(ready.scheduler.pick() == nullptr);
    Process& process = ready.add(3);
    ready.block(process);
    CHECK(ready.scheduler.pick() == nullptr);
}

TEST_CASE("the most urgent process runs, and within a priority the one that waited longest") {
    Ready ready;
    Process& low = ready.add(15);
    Process& first = ready.add(2);
    Process& second = ready.add(2);
    Process& high = ready.add(0);
    Process& middle = ready.add(7);
    CHECK(ready.drain() == Order{&high, &first, &second, &middle, &low});
}

TEST_CASE("the picked process stays at the head of its queue") {
    Ready ready;
    Process& first = ready.add(2);
    ready.add(2);
    CHECK(ready.scheduler.pick() == &first);
    CHECK(ready.scheduler.pick() == &first);
}

TEST_CASE("a process that wakes goes to the back of its queue") {
    Ready ready;
    Process& a = ready.add(2);
    Process& b = ready.add(2);
    Process& c = ready.add(2);
    ready.block(a);
    ready.wake(a);
    CHECK(ready.drain() == Order{&b, &c, &a});
}

TEST_CASE("processes leave the middle and the end of a queue") {
    Ready ready;
    Process& a = ready.add(2);
    Process& b = ready.add(2);
    Process& c = ready.add(2);
    ready.block(b);
    ready.block(c);
    Process& d = ready.add(2);
    CHECK(ready.drain() == Order{&a, &d});
}

TEST_CASE("updating twice changes nothing") {
    Ready ready;
    Process& a = ready.add(2);
    Process& b = ready.add(2);
    ready.scheduler.update(a);
    ready.scheduler.update(a);
    CHECK(ready.drain() == Order{&a, &b});
    ready.scheduler.update(a);
    CHECK(ready.scheduler.pick() == nullptr);
}

TEST_CASE("a process runs for its quantum of clock ticks, then the next of its priority") {
    const auto [milliseconds, ticks] =
        GENERATE(table<std::uint32_t, std::uint32_t>({{20, 4}, {5, 1}, {4, 1}, {0, 1}, {9, 1}, {10, 2}, {1000, 200}}));
    Ready ready;
    Process& a = ready.add(2, milliseconds);
    Process& b = ready.add(2);
    for (std::uint32_t i = 1; i < ticks; ++i) {
        ready.scheduler.tick(a);
        REQUIRE(ready.scheduler.pick() == &a);
    }
    ready.scheduler.tick(a);
    CHECK(ready.scheduler.pick() == &b);
    CHECK(ready.drain() == Order{&b, &a});
}

TEST_CASE("a process alone in its priority gets a new quantum") {
    Ready ready;
    Process& a = ready.add(2);
    for (int i = 0; i < 50; ++i) {
        ready.scheduler.tick(a);
        REQUIRE(ready.scheduler.pick() == &a);
    }
    CHECK(a.quantum_left > 0);
}

TEST_CASE("a process that is preempted by a more urgent one keeps its place and the rest of its quantum") {
    Ready ready;
    Process& a = ready.add(2);
    ready.add(2);
    ready.scheduler.tick(a);
    const std::uint32_t left = a.quantum_left;
    Process& urgent = ready.add(1);
    CHECK(ready.scheduler.pick() == &urgent);
    ready.block(urgent);
    CHECK(ready.scheduler.pick() == &a);
    CHECK(a.quantum_left == left);
}

TEST_CASE("a clock tick while the process that ran last is blocked moves nobody") {
    Ready ready;
    Process& a = ready.add(2);
    Process& b = ready.add(2);
    ready.block(a);
    for (int i = 0; i < 10; ++i) ready.scheduler.tick(a);
    CHECK_FALSE(a.queued);
    CHECK(ready.drain() == Order{&b});
}

TEST_CASE("new privileges move a runnable process to its new queue and a blocked one to none") {
    Ready ready;
    Process& a = ready.add(5);
    Process& b = ready.add(5);
    Process& sleeper = ready.add(5);
    ready.block(sleeper);
    Privileges urgent;
    urgent.priority = 1;
    ready.scheduler.change_privileges(b, urgent);
    ready.scheduler.change_privileges(sleeper, urgent);
    CHECK_FALSE(sleeper.queued);
    CHECK(ready.scheduler.pick() == &b);
    ready.wake(sleeper);
    CHECK(ready.drain() == Order{&b, &sleeper, &a});
}

TEST_CASE("any sequence of changes keeps the ready queues as plain lists would") {
    std::mt19937 random{7};
    Ready ready;
    std::array<std::list<Process*>, priority_count> model;
    std::vector<Process*> all;
    for (int i = 0; i < 12; ++i) {
        all.push_back(&ready.add(static_cast<std::uint8_t>(i % 3)));
        model[all.back()->privileges.priority].push_back(all.back());
    }
    for (int step = 0; step < 20'000; ++step) {
        Process& process = *all[random() % all.size()];
        auto& queue = model[process.privileges.priority];
        switch (random() % 4) {
        case 0:
            ready.block(process);
            queue.remove(&process);
            break;
        case 1:
            if (!process.runnable()) queue.push_back(&process);
            ready.wake(process);
            break;
        case 2: {
            const bool expires = process.runnable() && process.quantum_left == 1;
            ready.scheduler.tick(process);
            if (!expires) break;
            queue.remove(&process);
            queue.push_back(&process);
            break;
        }
        case 3: {
            queue.remove(&process);
            Privileges privileges = process.privileges;
            privileges.priority = static_cast<std::uint8_t>(random() % 16);
            ready.scheduler.change_privileges(process, privileges);
            if (process.runnable()) model[privileges.priority].push_back(&process);
            break;
        }
        }
        Order expected;
        for (const auto& list : model) expected.insert(expected.end(), list.begin(), list.end());
        Process* picked = ready.scheduler.pick();
        if (picked != (expected.empty() ? nullptr : expected.front())) FAIL("another process is picked, step " << step);
        for (const Process* each : all)
            if (each->queued != each->runnable()) FAIL("queued but not runnable or the reverse, step " << step);
    }
    Order expected;
    for (const auto& list : model) expected.insert(expected.end(), list.begin(), list.end());
    CHECK(ready.drain() == expected);
}
