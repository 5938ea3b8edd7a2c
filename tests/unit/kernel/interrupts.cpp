// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/abi/calls/devices.h"
#include "kernel/abi/calls/processes.h"
#include "kernel/abi/calls/spaces.h"
#include "tests/unit/kernel/system.h"

using namespace tessera;
using namespace tessera::kernel;
using namespace tessera::kernel::test;
using namespace tessera::kernel_calls;
using host::LineMasked;
using host::LineUnmasked;

namespace {

constexpr InterruptLine line{11}, other_line{5};

struct Driven {
    System system;
    Process& driver = system.start("driver");

    Driven() { give(driver, {line, other_line}); }
    static void give(Process& process, std::initializer_list<InterruptLine> lines) {
        process.privileges.interrupt_count = 0;
        for (const InterruptLine each : lines)
            process.privileges.interrupts[process.privileges.interrupt_count++] = each;
    }
    Status enable(Process& process, InterruptLine which = line) {
        return system.call<InterruptEnable>(process, {which}).status();
    }
    std::uint64_t pending_lines(const Process& process) {
        const Received received = System::received(process);
        CHECK(received.kind == MessageKind::notification);
        CHECK(received.source == endpoints::hardware);
        return unpack<NotificationMessage>(received.message).pending;
    }
};

} // namespace

TEST_CASE("an interrupt is a notification from hardware and masks its line until it is enabled again") {
    Driven d;
    CHECK(d.enable(d.driver) == Status::ok);
    CHECK(d.system.machine.unmasked.test(line.value));
    d.system.receive(d.driver);
    d.system.machine.counter = {123};
    d.system.kernel->interrupt(line);
    REQUIRE(d.driver.runnable());
    CHECK(d.pending_lines(d.driver) == 1u << line.value);
    CHECK(unpack<NotificationMessage>(System::received(d.driver).message).timestamp == 123);
    CHECK_FALSE(d.system.machine.unmasked.test(line.value));
    CHECK(d.enable(d.driver) == Status::ok);
    CHECK(d.system.machine.unmasked.test(line.value));
    CHECK(d.system.kernel->counters.interrupts == 1);
    CHECK(d.system.kernel->counters.spurious_interrupts == 0);
}

TEST_CASE("interrupts of several lines come as one notification with a bit for each") {
    Driven d;
    REQUIRE(d.enable(d.driver) == Status::ok);
    REQUIRE(d.enable(d.driver, other_line) == Status::ok);
    d.system.kernel->interrupt(line);
    d.system.kernel->interrupt(other_line);
    d.system.receive(d.driver);
    CHECK(d.pending_lines(d.driver) == (1u << line.value | 1u << other_line.value));
    d.system.receive(d.driver);
    CHECK_FALSE(d.driver.runnable());
}

TEST_CASE("a line is for those who have it in their privileges") {
    Driven d;
    CHECK(d.enable(d.driver, {4}) == Status::not_permitted);
    CHECK(d.enable(d.driver, {~0u}) == Status::not_permitted);
    Driven::give(d.driver, {InterruptLine{arch::interrupt_lines}});
    CHECK(d.enable(d.driver, {arch::interrupt_lines}) == Status::not_permitted);
    CHECK(d.system.machine.history.empty());
}

TEST_CASE("the kernel's own lines are nobody's, whatever the privileges say") {
    Driven d;
    const InterruptLine own{GENERATE(0u, 2u)};
    Driven::give(d.driver, {own});
    CHECK(d.enable(d.driver, own) == Status::not_permitted);
    CHECK_FALSE(d.system.machine.unmasked.test(own.value));
}

TEST_CASE("a line has one owner, until it dies") {
    Driven d;
    Process& rival = d.system.start("rival");
    Driven::give(rival, {line});
    REQUIRE(d.enable(d.driver) == Status::ok);
    CHECK(d.enable(rival) == Status::busy);
    d.system.kernel->interrupt(line);
    CHECK(rival.pending_lines == 0);

    d.system.machine.history.clear();
    d.system.die(d.driver);
    CHECK(d.system.machine.history == std::vector<host::Event>{LineMasked{line}});
    CHECK(d.enable(rival) == Status::ok);
    d.system.kernel->interrupt(line);
    CHECK(rival.pending_lines == 1u << line.value);
}

TEST_CASE("an interrupt that nobody waits for is masked and counted as spurious") {
    Driven d;
    d.system.kernel->interrupt(line);
    CHECK(d.system.machine.history == std::vector<host::Event>{LineMasked{line}});
    CHECK(d.system.kernel->counters.spurious_interrupts == 1);
    CHECK(d.driver.pending_lines == 0);
}

TEST_CASE("a driver that is destroyed while it is stopped loses its lines") {
    Driven d;
    REQUIRE(d.enable(d.driver) == Status::ok);
    const Endpoint endpoint = d.driver.endpoint;
    REQUIRE(d.system.call<ProcessStop>(d.system.rs(), {endpoint}).has_value());
    REQUIRE(d.system.call<SpaceUnbind>(d.system.vm(), {endpoint}).has_value());
    REQUIRE(d.system.call<ProcessDestroy>(d.system.rs(), {endpoint}).has_value());
    CHECK_FALSE(d.system.machine.unmasked.test(line.value));
    Process& next = d.system.start("next");
    Driven::give(next, {line});
    CHECK(d.enable(next) == Status::ok);
}

TEST_CASE("a line that forgets what comes while it is masked is masked only by the second interrupt, which is kept") {
    Driven d;
    d.system.machine.forgetful.set(line.value);
    REQUIRE(d.enable(d.driver) == Status::ok);
    const auto received = [&] {
        d.system.receive(d.driver);
        return d.driver.runnable();
    };
    const auto unmasked = [&] { return d.system.machine.unmasked.test(line.value); };
    d.system.kernel->interrupt(line);
    CHECK(unmasked());
    CHECK(received());
    d.system.kernel->interrupt(line);
    d.system.kernel->interrupt(line); // on its way to the processor when the line was masked
    CHECK_FALSE(unmasked());
    CHECK(d.driver.pending_lines == 0);
    REQUIRE(d.enable(d.driver) == Status::ok);
    CHECK(d.driver.pending_lines == 1u << line.value);
    CHECK(unmasked()); // a third one must not be forgotten while the driver looks after the second
    CHECK(received());
    d.system.kernel->interrupt(line);
    CHECK(d.driver.pending_lines == 0);
    REQUIRE(d.enable(d.driver) == Status::ok);
    CHECK(received());
    REQUIRE(d.enable(d.driver) == Status::ok);
    CHECK(d.driver.pending_lines == 0);
    CHECK(unmasked());
}

TEST_CASE("what a dead driver missed is not for the next one") {
    Driven d;
    d.system.machine.forgetful.set(line.value);
    REQUIRE(d.enable(d.driver) == Status::ok);
    d.system.kernel->interrupt(line);
    d.system.kernel->interrupt(line);
    d.system.die(d.driver);
    Process& next = d.system.start("next");
    Driven::give(next, {line});
    REQUIRE(d.enable(next) == Status::ok);
    CHECK(next.pending_lines == 0);
}

TEST_CASE("interrupts_read tells what became of a line's interrupts") {
    Driven d;
    Process& reader = d.system.start("reader");
    const auto read = [&] { return d.system.call<InterruptsRead>(reader, {line}).value(); };
    CHECK(read().owner == endpoints::none);
    CHECK(read().state == InterruptLineState::closed);
    d.system.kernel->interrupt(line);
    CHECK(read().spurious == 1);
    REQUIRE(d.enable(d.driver) == Status::ok);
    CHECK(read().owner == d.driver.endpoint);
    CHECK(read().state == InterruptLineState::open);
    d.system.kernel->interrupt(line);
    CHECK(read().state == InterruptLineState::closed);
    CHECK(read().raised == 2);
    CHECK(read().delivered == 1);
    CHECK(read().contained == 0);
    d.system.die(d.driver);
    CHECK(read().owner == endpoints::none);
    CHECK(d.system.call<InterruptsRead>(reader, {other_line}).value().raised == 0);
    CHECK(d.system.call<InterruptsRead>(reader, {arch::interrupt_lines}).status() == Status::no_entry);
    CHECK(d.system.call<InterruptsRead>(reader, {~0u}).status() == Status::no_entry);
}

namespace {

// A device that raises its line whenever it is open, and a driver that enables it at once.
struct Storm : Driven {
    std::uint64_t delivered = 0;

    bool open() const { return system.machine.unmasked.test(line.value); }
    // Until the line stays closed, or `limit` interrupts.
    void rage(std::uint64_t limit = 10 * storm_limit) {
        for (std::uint64_t i = 0; i < limit && open(); ++i) {
            system.kernel->interrupt(line);
            driver.pending_lines = 0;
            ++delivered;
            REQUIRE(enable(driver) == Status::ok);
        }
    }
    void at(std::uint64_t time) { system.machine.counter = {time}; }
    void clock_at(std::uint64_t time) {
        at(time);
        system.kernel->clock_interrupt();
    }
};

} // namespace

TEST_CASE("a storm is contained: so many interrupts in a window, the next when it ends") {
    Storm storm;
    storm.at(1000);
    REQUIRE(storm.enable(storm.driver) == Status::ok);
    for (std::uint64_t window = 1; window <= 3; ++window) {
        storm.rage();
        CHECK(storm.delivered == window * storm_limit);
        const auto told = storm.system.call<InterruptsRead>(storm.system.rs(), {line}).value();
        CHECK(told.state == InterruptLineState::contained);
        CHECK(told.contained == window);
        const std::uint64_t end = 1000 + window * storm_window.value;
        REQUIRE(storm.system.machine.timer.has_value());
        CHECK(storm.system.machine.timer->value <= end + 1);
        CHECK(storm.enable(storm.driver) == Status::ok); // to ask again does not help
        storm.clock_at(end - 1);
        CHECK_FALSE(storm.open());
        storm.clock_at(end);
        CHECK(storm.open());
    }
}

TEST_CASE("interrupts that come a little more slowly than the limit are never contained") {
    Storm storm;
    REQUIRE(storm.enable(storm.driver) == Status::ok);
    const std::uint64_t apart = storm_window.value / storm_limit * 101 / 100;
    for (std::uint64_t i = 0; i < 5 * storm_limit; ++i) {
        storm.at(i * apart);
        storm.rage(1);
        REQUIRE(storm.open());
    }
}

TEST_CASE("a storm on one line holds up no other, and ends with its driver") {
    Storm storm;
    REQUIRE(storm.enable(storm.driver) == Status::ok);
    storm.rage();
    REQUIRE(storm.enable(storm.driver, other_line) == Status::ok);
    CHECK(storm.system.machine.unmasked.test(other_line.value));
    storm.system.die(storm.driver);
    storm.clock_at(2 * storm_window.value);
    CHECK_FALSE(storm.open());
    Process& next = storm.system.start("next");
    Driven::give(next, {line});
    CHECK(storm.enable(next) == Status::ok);
    CHECK(storm.open());
}
