// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/abi/calls/processes.h"
#include "kernel/abi/calls/spaces.h"
#include "kernel/abi/calls/time_and_log.h"
#include "tests/unit/kernel/system.h"

using namespace tessera;
using namespace tessera::kernel;
using namespace tessera::kernel::test;
using namespace tessera::kernel_calls;

namespace {

// A process that waits for its alarm.
struct Sleeper {
    System system;
    Process& process = system.start("sleeper");

    void set(std::uint64_t deadline) { REQUIRE(system.call<AlarmSet>(process, {{deadline}}).has_value()); }
    void tick_at(std::uint64_t time) {
        system.machine.counter = {time};
        system.kernel->clock_interrupt();
    }
    bool rang() const { return process.runnable(); }
};

} // namespace

TEST_CASE("time is the ticks since the kernel's entry in nanoseconds") {
    const auto [rate, ticks, nanoseconds] = GENERATE(table<std::uint64_t, std::uint64_t, std::uint64_t>({
        {1'000'000'000, 0, 0},
        {1'000'000'000, 12345, 12345},
        {2'000'000'000, 3'000'000'000, 1'500'000'000},
        {2'500'000'000, 2'500'000'000, 1'000'000'000},
        {1'193'182, 1'193'182, 1'000'000'000},
        {3'141'592'653, 3'141'592'653ull * 86'400 * 3650, 86'400ull * 3650 * 1'000'000'000}, // ten years
    }));
    host::Machine machine;
    machine.counter = {777};
    machine.counter_rate = rate;
    const BootInfo boot_info;
    const auto kernel = std::make_unique<Kernel>(boot_info);
    machine.counter = {777 + ticks};
    const std::uint64_t now = kernel->time.now().value;
    CHECK(now <= nanoseconds);
    CHECK(nanoseconds - now <= 1 + nanoseconds / 1'000'000'000); // a part in 10^9
    CHECK(kernel->time.page().at_entry == Ticks{777});
    CHECK(kernel->time.page().ticks_per_second == rate);
}

TEST_CASE("an alarm rings at its deadline, not before, and once") {
    Sleeper sleeper;
    sleeper.set(1000);
    sleeper.system.receive(sleeper.process);
    sleeper.tick_at(999);
    CHECK_FALSE(sleeper.rang());
    sleeper.tick_at(1000);
    REQUIRE(sleeper.rang());
    const Received received = System::received(sleeper.process);
    CHECK(received.kind == MessageKind::notification);
    CHECK(received.source == endpoints::clock);
    CHECK(unpack<NotificationMessage>(received.message).timestamp == 1000);
    CHECK(unpack<NotificationMessage>(received.message).pending == 0);
    sleeper.system.receive(sleeper.process);
    sleeper.tick_at(5000);
    CHECK_FALSE(sleeper.rang());
}

TEST_CASE("an alarm that rings while nobody waits is received later") {
    Sleeper sleeper;
    sleeper.set(1000);
    sleeper.tick_at(2000);
    sleeper.system.receive(sleeper.process, endpoints::clock);
    REQUIRE(sleeper.rang());
    CHECK(System::received(sleeper.process).source == endpoints::clock);
}

TEST_CASE("a deadline in the past rings at the next clock tick") {
    Sleeper sleeper;
    sleeper.tick_at(5000);
    sleeper.set(1);
    sleeper.system.receive(sleeper.process);
    CHECK_FALSE(sleeper.rang());
    sleeper.tick_at(5001);
    CHECK(sleeper.rang());
}

TEST_CASE("a cancelled alarm does not ring, also when it had rung unheard") {
    Sleeper sleeper;
    sleeper.set(1000);
    const bool rings_first = GENERATE(false, true);
    if (rings_first) sleeper.tick_at(1000);
    sleeper.set(0);
    sleeper.system.receive(sleeper.process);
    sleeper.tick_at(10'000);
    CHECK_FALSE(sleeper.rang());
}

TEST_CASE("a process has one alarm: the last one that it set") {
    Sleeper sleeper;
    const auto [first, second] = GENERATE(table<std::uint64_t, std::uint64_t>({{1000, 3000}, {3000, 1000}}));
    sleeper.set(first);
    sleeper.set(second);
    sleeper.system.receive(sleeper.process);
    sleeper.tick_at(second - 1);
    CHECK_FALSE(sleeper.rang());
    sleeper.tick_at(second);
    CHECK(sleeper.rang());
    sleeper.system.receive(sleeper.process);
    sleeper.tick_at(9000);
    CHECK_FALSE(sleeper.rang());
}

TEST_CASE("alarms of several processes ring each at its own time") {
    System system;
    std::vector<Process*> sleepers;
    for (const std::uint64_t deadline : {3000, 1000, 2000, 1000}) {
        Process& process = system.start("sleeper");
        REQUIRE(system.call<AlarmSet>(process, {{deadline}}).has_value());
        system.receive(process);
        sleepers.push_back(&process);
    }
    const auto awake_at = [&](std::uint64_t time) {
        system.machine.counter = {time};
        system.kernel->clock_interrupt();
        std::vector<bool> awake;
        for (const Process* process : sleepers) awake.push_back(process->runnable());
        return awake;
    };
    CHECK(awake_at(999) == std::vector{false, false, false, false});
    CHECK(awake_at(1000) == std::vector{false, true, false, true});
    CHECK(awake_at(2500) == std::vector{false, true, true, true});
    CHECK(awake_at(3000) == std::vector{true, true, true, true});
}

TEST_CASE("the alarm of a process that died rings for nobody, nor for the next user of its slot") {
    Sleeper sleeper;
    sleeper.set(1000);
    System& system = sleeper.system;
    const Endpoint endpoint = sleeper.process.endpoint;
    system.die(sleeper.process);
    REQUIRE(system.call<SpaceUnbind>(system.vm(), {endpoint}).has_value());
    REQUIRE(system.call<ProcessDestroy>(system.rs(), {endpoint}).has_value());
    Process& next = system.start("next");
    REQUIRE(next.endpoint.slot() == endpoint.slot());
    system.receive(next);
    sleeper.tick_at(2000);
    CHECK_FALSE(next.runnable());
}
