// SPDX-License-Identifier: BSD-3-Clause
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
