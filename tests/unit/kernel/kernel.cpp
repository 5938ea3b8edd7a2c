// SPDX-License-Identifier: BSD-3-Clause
// The kernel as one object: its entries, and what runs next.

#include "kernel/abi/calls/processes.h"
#include "kernel/abi/calls/spaces.h"
#include "kernel/abi/calls/time_and_log.h"
#include "tests/unit/kernel/system.h"

using namespace tessera;
using namespace tessera::kernel;
using namespace tessera::kernel::test;
using namespace tessera::kernel_calls;
using host::SpaceLoaded;

TEST_CASE("the kernel begins with VM, ready to run, and RS, which waits for its space") {
    host::Machine machine;
    BootInfo boot_info;
    boot_info.root_entries = {0x90'0000};
    boot_info.vm_entry = {0x40'2000};
    boot_info.vm_stack = {0x7f'0000};
    const auto kernel = std::make_unique<Kernel>(boot_info);
    kernel->create_core_processes();
    CHECK(machine.root_entries == boot_info.root_entries);

    Process& vm = kernel->processes.at(0);
    Process& rs = kernel->processes.at(1);
    CHECK(vm.endpoint == endpoints::vm);
    CHECK(vm.runnable());
    CHECK(vm.context.instruction_pointer == 0x40'2000);
    CHECK(vm.context.stack_pointer == 0x7f'0000);
    CHECK(rs.endpoint == endpoints::rs);
    CHECK(blocked_only_by(rs, Blocker::stopped, Blocker::no_space));
    for (const Process* core : {&vm, &rs}) {
        CHECK(core->privileges.send_mask == ~0ull);
        CHECK(core->privileges.kernel_call_mask == ~0ull);
        CHECK(core->privileges.primitive_mask == all_primitives);
        CHECK(core->privileges.supervisor == service_ids::rs);
    }
    CHECK(vm.privileges.service == service_ids::vm);
    CHECK(rs.privileges.service == service_ids::rs);

    const arch::RootEntry space = machine.create_space();
    machine.root_page(boot_info.root_entries)[0] = space;
    CHECK(&kernel->next() == &vm);
    CHECK(machine.history == std::vector<host::Event>{SpaceLoaded{0, space, host::CachedTranslations::drop}});
}

TEST_CASE("an entry that is no primitive is refused") {
    System system;
    Process& process = system.start("p");
    for (const std::uint64_t operation : {std::uint64_t{primitive_count}, std::uint64_t{0xff}, std::uint64_t{16}}) {
        process.context.operation = operation;
        system.kernel->user_call(process);
        CHECK(System::status_of(process) == Status::bad_call);
    }
    CHECK(system.kernel->counters.refused_calls == 3);
    CHECK(process.runnable());
}

TEST_CASE("an exception other than a page fault ends the process, and RS hears of it") {
    const DeathCause cause = GENERATE(DeathCause::illegal_instruction, DeathCause::divide_error,
                                      DeathCause::general_protection, DeathCause::other_exception);
    System system;
    Process& process = system.start("p");
    system.receive(system.rs());
    system.kernel->user_exception(process, {cause, 16});
    CHECK(process.blocked_by(Blocker::dead));
    CHECK(process.death.cause == cause);
    CHECK(process.death.detail == 16);
    CHECK(process.death.instruction_pointer == program_entry.value);
    REQUIRE(system.rs().runnable());
    const Received received = System::received(system.rs());
    CHECK(received.source == endpoints::kernel);
    CHECK(unpack<NotificationMessage>(received.message).pending == 1);
    CHECK(system.machine.console.contains("p died: "));
}

TEST_CASE("VM or RS cannot be replaced: when one of them ends, the machine stops and says why") {
    System system;
    Process& core = GENERATE(true, false) ? system.vm() : system.rs();
    Process& console = system.start("console");
    REQUIRE(system.call<LogWatch>(console).has_value());
    try {
        system.kernel->user_exception(core, {DeathCause::general_protection});
        FAIL("the machine goes on");
    } catch (const host::Stopped& stopped) {
        CHECK(stopped.kind == host::StopKind::power_off);
    }
    CHECK(system.machine.console.contains(std::format("nothing can replace {}", core.name.view())));
}

TEST_CASE("what the console had no time to print is printed before the machine stops") {
    System system;
    Process& console = system.start("console");
    REQUIRE(system.call<LogWatch>(console).has_value());
    system.kernel->append_log(endpoints::vm, "vm", LogLevel::error, "first words");
    const std::uint64_t next =
        (*system.kernel->log.read(0))->sequence + 1; // the console asks for it: it has printed the one before
    (void)system.call<LogRead>(console, {next, data});
    system.kernel->append_log(endpoints::vm, "vm", LogLevel::error, "last words");
    CHECK_THROWS_AS(system.page_fault(system.vm(), 0x10), host::Stopped);
    CHECK_FALSE(system.machine.console.contains("first words"));
    CHECK(system.machine.console.contains("vm: last words"));
    CHECK(system.machine.console.contains("kernel: vm died: page fault at 0x10"));
}

TEST_CASE("a page fault of VM itself stops the machine: nobody could resolve it") {
    System system;
    CHECK_THROWS_AS(system.page_fault(system.vm(), 0x10), host::Stopped);
    CHECK(system.kernel->counters.page_faults == 1);
}

TEST_CASE("the space of a process is loaded when it is not the one that is loaded already") {
    System system;
    Process& a = system.start("a", {.priority = 2});
    Process& b = system.start("b", {.priority = 3});
    system.receive(system.vm());
    system.receive(system.rs());
    CHECK(&system.kernel->next() == &a);
    CHECK(&system.kernel->next() == &a);
    system.receive(a);
    CHECK(&system.kernel->next() == &b);
    system.notify(b, a.endpoint);
    CHECK(&system.kernel->next() == &a);
    const auto& page = system.machine.root_page(system.boot_info.root_entries);
    const auto loaded = [&](const Process& process, host::CachedTranslations cached) -> host::Event {
        return SpaceLoaded{process.endpoint.slot(), page[process.endpoint.slot()], cached};
    };
    using enum host::CachedTranslations;
    CHECK(system.machine.history == std::vector{loaded(a, drop), loaded(b, drop), loaded(a, keep)});
    CHECK(system.kernel->counters.address_space_loads == 3);
    CHECK(system.kernel->counters.address_space_loads_saved == 1);
    CHECK(system.kernel->counters.context_switches == 3);
}

TEST_CASE("after a flush the same space is loaded anew") {
    System system;
    CHECK(&system.kernel->next() == &system.vm());
    system.machine.history.clear();
    REQUIRE(system.call<SpaceFlush>(system.vm(), {endpoints::vm}).has_value());
    CHECK(&system.kernel->next() == &system.vm());
    REQUIRE(system.machine.history.size() == 1);
    CHECK(std::get<SpaceLoaded>(system.machine.history[0]).cached == host::CachedTranslations::drop);
    CHECK(&system.kernel->next() == &system.vm());
    CHECK(system.machine.history.size() == 1);
}

TEST_CASE("registers that the kernel does not save on entry go with their process") {
    System system;
    Process& a = system.start("a", {.priority = 2});
    Process& b = system.start("b", {.priority = 3});
    system.receive(system.vm());
    system.receive(system.rs());
    system.kernel->next();
    REQUIRE(system.call<SetThreadPointer>(a, {{0x1234'5000}}).has_value());
    CHECK(system.machine.thread_pointer == VirtualAddress{0x1234'5000});
    system.machine.extended.bytes[5] = std::byte{42};

    system.receive(a);
    system.kernel->next();
    CHECK(system.machine.thread_pointer == VirtualAddress{});
    CHECK(system.machine.extended.bytes[5] == std::byte{0});
    system.machine.extended.bytes[5] = std::byte{7};

    system.notify(b, a.endpoint);
    system.kernel->next();
    CHECK(system.machine.thread_pointer == VirtualAddress{0x1234'5000});
    CHECK(system.machine.extended.bytes[5] == std::byte{42});
}

TEST_CASE("a new process in a used slot begins with clean registers") {
    System system;
    Process& old = system.start("old", {.priority = 2});
    const Endpoint endpoint = old.endpoint;
    system.receive(system.vm());
    system.receive(system.rs());
    system.kernel->next();
    system.machine.extended.bytes[9] = std::byte{1};
    system.die(old); // wakes RS, which the kernel then runs
    system.kernel->next();
    REQUIRE(system.call<SpaceUnbind>(system.rs(), {endpoint}).has_value());
    REQUIRE(system.call<ProcessDestroy>(system.rs(), {endpoint}).has_value());
    Process& next = system.start("next");
    REQUIRE(&next == &old);
    system.receive(system.rs());
    CHECK(&system.kernel->next() == &next);
    CHECK(system.machine.extended.bytes[9] == std::byte{0});
}

TEST_CASE("processor time is what a process ran, not what it waited") {
    System system;
    Process& a = system.start("a", {.priority = 2});
    Process& b = system.start("b", {.priority = 3});
    system.receive(system.vm());
    system.receive(system.rs());
    system.machine.counter = {1000};
    system.kernel->next();
    system.machine.counter = {1500};
    system.receive(a);
    system.kernel->next();
    system.machine.counter = {1700};
    system.receive(b);
    system.machine.on_wait = [&] {
        system.machine.counter = {9000};
        system.kernel->messages.notify_alarm(a);
    };
    CHECK(&system.kernel->next() == &a);
    system.machine.counter = {9100};
    system.receive(a);
    CHECK_FALSE(a.runnable());
    CHECK_FALSE(b.runnable());
    system.machine.on_wait = nullptr;
    CHECK_THROWS_AS(system.kernel->next(), host::Idle);
    CHECK(a.processor_time == Ticks{600});
    CHECK(b.processor_time == Ticks{200});
}

TEST_CASE("with nothing to run the kernel waits until an interrupt makes something runnable") {
    System system;
    Process& sleeper = system.start("sleeper");
    REQUIRE(system.call<AlarmSet>(sleeper, {{20'000'000}}).has_value());
    for (Process* process : {&system.vm(), &system.rs(), &sleeper}) system.receive(*process);
    int waits = 0;
    system.machine.on_wait = [&] {
        ++waits;
        system.machine.counter = system.machine.timer.value();
        system.kernel->clock_interrupt();
    };
    CHECK(&system.kernel->next() == &sleeper);
    CHECK(system.kernel->time.now() >= Nanoseconds{20'000'000});
    CHECK(waits == 2); // the tick that was due when it became idle, and the alarm
    CHECK(system.kernel->counters.interrupts == 2);
}

TEST_CASE("clock interrupts end the quantum of the process that runs") {
    System system;
    Process& a = system.start("a");
    Process& b = system.start("b");
    system.receive(system.vm());
    system.receive(system.rs());
    for (Process* expected : {&a, &b, &a}) {
        for (int tick = 0; tick < 4; ++tick) {
            REQUIRE(&system.kernel->next() == expected);
            system.machine.counter.value += tick_period.value;
            system.kernel->clock_interrupt();
        }
    }
}
