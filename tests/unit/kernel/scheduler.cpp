// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/core/scheduler.h"
#include "tests/unit/kernel/system.h"
#include <algorithm>
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
        process.set_privileges({.priority = priority, .quantum_milliseconds = quantum_milliseconds});
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
        while (Process* process = scheduler.choose()) {
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
    CHECK(ready.scheduler.choose() == nullptr);
    Process& process = ready.add(3);
    ready.block(process);
    CHECK(ready.scheduler.choose() == nullptr);
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

TEST_CASE("who runs goes on running, in no queue") {
    Ready ready;
    Process& first = ready.add(2);
    Process& second = ready.add(2);
    CHECK(ready.scheduler.choose() == &first);
    CHECK(ready.scheduler.choose() == &first);
    CHECK_FALSE(first.queued);
    CHECK(second.queued);
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
    CHECK(ready.scheduler.choose() == nullptr);
}

TEST_CASE("a process runs for its quantum of clock ticks, then the next of its priority") {
    const auto [milliseconds, ticks] =
        GENERATE(table<std::uint32_t, std::uint32_t>({{20, 4}, {5, 1}, {4, 1}, {0, 1}, {9, 1}, {10, 2}, {1000, 200}}));
    Ready ready;
    Process& a = ready.add(2, milliseconds);
    Process& b = ready.add(2);
    for (std::uint32_t i = 1; i < ticks; ++i) {
        REQUIRE(ready.scheduler.choose() == &a);
        (void)ready.scheduler.tick();
    }
    REQUIRE(ready.scheduler.choose() == &a);
    (void)ready.scheduler.tick();
    CHECK(ready.scheduler.choose() == &b);
    CHECK(ready.drain() == Order{&b, &a});
}

TEST_CASE("a process alone in its priority gets a new quantum") {
    Ready ready;
    Process& a = ready.add(2);
    for (int i = 0; i < 50; ++i) {
        REQUIRE(ready.scheduler.choose() == &a);
        (void)ready.scheduler.tick();
    }
    REQUIRE(ready.scheduler.choose() == &a);
    CHECK(a.quantum_left > 0);
}

TEST_CASE("a process that is preempted by a more urgent one keeps its place and the rest of its quantum") {
    Ready ready;
    Process& a = ready.add(2);
    ready.add(2);
    REQUIRE(ready.scheduler.choose() == &a);
    (void)ready.scheduler.tick();
    const std::uint32_t left = a.quantum_left;
    Process& urgent = ready.add(1);
    CHECK(ready.scheduler.choose() == &urgent);
    ready.block(urgent);
    CHECK(ready.scheduler.choose() == &a);
    CHECK(a.quantum_left == left);
}

TEST_CASE("a clock tick while the process that ran last is blocked moves nobody") {
    Ready ready;
    Process& a = ready.add(2);
    Process& b = ready.add(2);
    REQUIRE(ready.scheduler.choose() == &a);
    ready.block(a);
    for (int i = 0; i < 10; ++i) (void)ready.scheduler.tick();
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
    CHECK(ready.scheduler.choose() == &b);
    ready.wake(sleeper);
    CHECK(ready.drain() == Order{&b, &sleeper, &a});
}

TEST_CASE("a freed slot runs no more") {
    Ready ready;
    Process& a = ready.add(2);
    REQUIRE(ready.scheduler.choose() == &a);
    ready.block(a);
    ready.scheduler.forget(a);
    CHECK(ready.scheduler.running() == nullptr);
    ready.wake(a);
    CHECK(a.queued);
}

namespace {

// The same rules over plain lists.
struct Model {
    std::array<std::list<Process*>, priority_count> ready;
    Process* running = nullptr;
    bool used_up = false; // whether it had no quantum left before the scheduler's turn

    bool more_urgent_ready(std::uint8_t priority) const {
        return std::any_of(ready.begin(), ready.begin() + priority, [](const auto& list) { return !list.empty(); });
    }
    void leave(Process& process) {
        for (auto& list : ready) list.remove(&process);
    }
    // It was blocked and is runnable now.
    void join(Process& process) {
        const std::uint8_t priority = process.priority;
        if (&process == running) return;
        if (running != nullptr && running->runnable() && priority < running->priority && !more_urgent_ready(priority)) {
            put_back(*running);
            running = &process;
        } else {
            ready[priority].push_back(&process);
        }
    }
    void put_back(Process& process) {
        auto& list = ready[process.priority];
        list.insert(used_up ? list.end() : list.begin(), &process);
    }
    Process* choose() {
        if (running != nullptr && running->runnable()) {
            if (!used_up && !more_urgent_ready(running->priority)) return running;
            put_back(*running);
        }
        for (auto& list : ready) {
            if (list.empty()) continue;
            running = list.front();
            list.pop_front();
            return running;
        }
        return nullptr;
    }
};

} // namespace

TEST_CASE("any sequence of changes keeps the ready queues as plain lists would") {
    std::mt19937 random{7};
    Ready ready;
    Model model;
    std::vector<Process*> all;
    for (int i = 0; i < 12; ++i) {
        all.push_back(&ready.add(static_cast<std::uint8_t>(i % 3)));
        model.join(*all.back());
    }
    for (int step = 0; step < 50'000; ++step) {
        Process& process = *all[random() % all.size()];
        const bool was_runnable = process.runnable();
        model.used_up = model.running != nullptr && model.running->quantum_left == 0;
        switch (random() % 5) {
        case 0:
            ready.block(process);
            model.leave(process);
            break;
        case 1:
            ready.wake(process);
            if (!was_runnable) model.join(process);
            break;
        case 2:
            (void)ready.scheduler.tick();
            break;
        case 3: {
            Privileges privileges = process.privileges;
            privileges.priority = static_cast<std::uint8_t>(random() % 16);
            model.leave(process);
            ready.scheduler.change_privileges(process, privileges);
            if (process.runnable()) model.join(process);
            break;
        }
        case 4: {
            Process* const expected = model.choose();
            if (ready.scheduler.choose() != expected) FAIL("another process is chosen, step " << step);
            break;
        }
        }
        if (ready.scheduler.running() != model.running) FAIL("another process runs, step " << step);
        for (const Process* each : all)
            if (each->queued != (each->runnable() && each != model.running)) FAIL("wrongly queued, step " << step);
    }
}
