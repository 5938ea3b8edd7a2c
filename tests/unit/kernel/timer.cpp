// SPDX-License-Identifier: BSD-3-Clause
// When the machine's timer is due.

#include "kernel/abi/calls/time_and_log.h"
#include "tests/unit/kernel/system.h"

using namespace tessera;
using namespace tessera::kernel;
using namespace tessera::kernel::test;
using namespace tessera::kernel_calls;

namespace {

struct Timed {
    System system;
    Process& process = system.start("timed");

    void set_alarm(std::uint64_t deadline) { REQUIRE(system.call<AlarmSet>(process, {{deadline}}).has_value()); }
    void interrupt_at(std::uint64_t time) {
        system.machine.timer.reset();
        system.machine.counter = {time};
        system.kernel->clock_interrupt();
    }
    // Nothing runs any more.
    void fall_idle() {
        for (Process* each : {&system.vm(), &system.rs(), &process}) system.receive(*each);
        REQUIRE(system.kernel->scheduler.idle());
    }
    // A tick of this machine's counter is a nanosecond; the arithmetic may be two too late.
    bool due_at(std::uint64_t time) const {
        return system.machine.timer.has_value() && system.machine.timer->value >= time &&
               system.machine.timer->value <= time + 2;
    }
};

constexpr std::uint64_t tick = tick_period.value;

} // namespace

TEST_CASE("while a process runs, the timer is due a tick later") {
    Timed timed;
    CHECK(timed.due_at(tick));
    timed.interrupt_at(tick + 2);
    CHECK(timed.due_at(2 * tick + 2));
}

TEST_CASE("an alarm before the next tick makes the timer due then, and the tick comes when it would have") {
    Timed timed;
    timed.set_alarm(tick / 2);
    CHECK(timed.due_at(tick / 2));
    timed.interrupt_at(tick / 2 + 2);
    CHECK(timed.due_at(tick));
}

TEST_CASE("an alarm after the next tick does not touch the timer until that has passed") {
    Timed timed;
    timed.set_alarm(tick + tick / 2);
    CHECK(timed.due_at(tick));
    timed.interrupt_at(tick + 2);
    CHECK(timed.due_at(tick + tick / 2));
}

TEST_CASE("an idle machine is woken by its alarms alone") {
    Timed timed;
    timed.set_alarm(100 * tick);
    timed.fall_idle();
    timed.interrupt_at(tick + 2);
    CHECK(timed.due_at(100 * tick));
    timed.interrupt_at(100 * tick + 2);
    CHECK(timed.process.runnable());
    CHECK(timed.due_at(101 * tick + 2)); // it runs: ticks pass again
}

TEST_CASE("an idle machine without alarms is not woken at all") {
    Timed timed;
    timed.fall_idle();
    timed.interrupt_at(tick + 2);
    CHECK_FALSE(timed.system.machine.timer.has_value());
}

TEST_CASE("ticks begin again when something else than the timer ends the idleness") {
    Timed timed;
    timed.fall_idle();
    timed.interrupt_at(tick + 2);
    timed.system.machine.on_wait = [&] {
        timed.system.machine.counter = {50 * tick};
        timed.system.kernel->messages.notify_event(timed.process, KernelEvent::log_grew);
    };
    CHECK(&timed.system.kernel->next() == &timed.process);
    CHECK(timed.due_at(51 * tick));
}

TEST_CASE("a deadline in the past makes the timer due at once") {
    Timed timed;
    timed.interrupt_at(tick + 2);
    timed.set_alarm(1);
    CHECK(timed.due_at(tick + 2));
}

TEST_CASE("an interrupt that is too early rings nothing and makes the timer due again") {
    Timed timed;
    timed.set_alarm(tick / 2);
    timed.interrupt_at(tick / 4);
    CHECK(timed.due_at(tick / 2));
}

TEST_CASE("an alarm at the end of time makes the timer due in an hour at the latest") {
    Timed timed;
    timed.set_alarm(~0ull - 1);
    timed.fall_idle();
    timed.interrupt_at(tick + 2);
    CHECK(timed.due_at(tick + 2 + 3'600'000'000'000));
}

TEST_CASE("durations become ticks of the counter, rounded down by one at most") {
    const auto [rate, nanoseconds, ticks] = GENERATE(table<std::uint64_t, std::uint64_t, std::uint64_t>({
        {1'000'000'000, 5'000'000, 5'000'000},
        {100'000'000, 5'000'000, 500'000},
        {2'400'000'000, 1'000'000'000, 2'400'000'000},
        {5'700'000'000, 3'600'000'000'000, 20'520'000'000'000},
    }));
    const TimeBase time{{}, rate};
    const std::uint64_t found = time.ticks_of({nanoseconds}).value;
    CHECK(found <= ticks);
    CHECK(ticks - found <= 1 + ticks / 10'000'000);
}
