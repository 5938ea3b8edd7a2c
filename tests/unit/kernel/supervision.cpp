// SPDX-License-Identifier: BSD-3-Clause
// Who hears of a death, and what destroying a process that did not die leaves behind: nothing.

#include "kernel/abi/calls/information.h"
#include "kernel/abi/calls/processes.h"
#include "kernel/abi/calls/spaces.h"
#include "kernel/abi/calls/time_and_log.h"
#include "tests/unit/kernel/system.h"

using namespace tessera;
using namespace tessera::kernel;
using namespace tessera::kernel::test;
using namespace tessera::kernel_calls;

namespace {

constexpr std::uint64_t died = 1ull << static_cast<unsigned>(KernelEvent::process_died);

Endpoint next_death(System& system, Process& supervisor) {
    const auto report = system.call<ProcessNextDeath>(supervisor);
    return report.has_value() ? report->endpoint : endpoints::none;
}

// Stopped, without a space, and destroyed, as RS and VM undo a start that failed.
void destroy_alive(System& system, Endpoint endpoint) {
    REQUIRE(system.call<ProcessStop>(system.rs(), {endpoint}).has_value());
    REQUIRE(system.call<SpaceUnbind>(system.vm(), {endpoint}).has_value());
    REQUIRE(system.call<ProcessDestroy>(system.rs(), {endpoint}).has_value());
}

} // namespace

TEST_CASE("a death is told to the supervisor that the privileges name, and to no other") {
    System system;
    Process& manager = system.start("pm", {.service = {7}});
    Process& rival = system.start("rival");
    Process& child = system.start("child", {.supervisor = {7}});
    system.die(child);
    CHECK(manager.pending_events == died);
    CHECK(system.rs().pending_events == 0);
    CHECK(next_death(system, rival) == endpoints::none);
    CHECK(next_death(system, system.rs()) == endpoints::none);
    CHECK(next_death(system, manager) == child.endpoint);
    CHECK(next_death(system, manager) == endpoints::none);
}

TEST_CASE("several deaths are one notification and each is fetched once") {
    System system;
    Process& a = system.start("a");
    Process& b = system.start("b");
    system.die(b);
    system.die(a);
    system.receive(system.rs());
    CHECK(unpack<NotificationMessage>(System::received(system.rs()).message).pending == died);
    CHECK(system.rs().pending_events == 0);
    CHECK(next_death(system, system.rs()) == a.endpoint);
    CHECK(next_death(system, system.rs()) == b.endpoint);
    CHECK(next_death(system, system.rs()) == endpoints::none);
}

TEST_CASE("RS stands in for a supervisor that is dead, also for deaths that it was not told of") {
    System system;
    Process& manager = system.start("pm", {.service = {7}});
    Process& first = system.start("first", {.supervisor = {7}});
    Process& second = system.start("second", {.supervisor = {7}});
    system.die(first);
    system.die(manager);
    system.die(second);
    std::vector<Endpoint> fetched;
    for (Endpoint endpoint = next_death(system, system.rs()); endpoint != endpoints::none;
         endpoint = next_death(system, system.rs()))
        fetched.push_back(endpoint);
    CHECK(fetched == std::vector{manager.endpoint, first.endpoint, second.endpoint});
}

TEST_CASE("a death without a supervisor is told to RS even while there are user processes") {
    System system;
    Process& user = **system.kernel->processes.create(Name{"user"}); // service 0, as all user processes
    Process& orphan = **system.kernel->processes.create(Name{"orphan"});
    REQUIRE(orphan.privileges.supervisor == ServiceId{0});
    system.die(orphan);
    CHECK(user.pending_events == 0);
    CHECK(system.rs().pending_events == died);
    CHECK(next_death(system, system.rs()) == orphan.endpoint);
}

TEST_CASE("a user process hears of no deaths") {
    System system;
    Process& user = system.start("user");
    user.privileges.service = service_ids::user;
    Process& orphan = **system.kernel->processes.create(Name{"orphan"});
    system.die(orphan);
    CHECK(next_death(system, user) == endpoints::none);
    CHECK(next_death(system, system.rs()) == orphan.endpoint);
}

TEST_CASE("a process that watches the log and dies: the kernel prints again, its death first") {
    System system;
    Process& console = system.start("console");
    REQUIRE(system.call<LogWatch>(console).has_value());
    system.kernel->write_log(LogLevel::info, "unseen");
    CHECK(system.machine.console.empty());
    CHECK(console.pending_events == 1ull << static_cast<unsigned>(KernelEvent::log_grew));
    system.die(console);
    CHECK(system.machine.console.contains("console died: killed"));
    system.kernel->write_log(LogLevel::info, "seen");
    CHECK(system.machine.console.ends_with("kernel: seen\n"));
}

TEST_CASE("destroying a living process wakes its partners and takes it out of every queue") {
    System system;
    Process& victim = system.start("victim");
    Process& server = system.start("server");
    Process& client = system.start("client");
    Process& notified = system.start("notified");
    system.notify(victim, notified.endpoint);
    system.send(client, victim.endpoint);
    system.send(victim, server.endpoint);
    REQUIRE(server.first_sender == &victim);
    destroy_alive(system, victim.endpoint);
    CHECK(server.first_sender == nullptr);
    CHECK(server.last_sender == nullptr);
    CHECK(client.runnable());
    CHECK(System::status_of(client) == Status::dead_endpoint);
    CHECK(notified.notifiers.none());

    Process& next = system.start("next");
    REQUIRE(&next == &victim);
    system.receive(server);
    system.receive(notified);
    CHECK_FALSE(server.runnable());
    CHECK_FALSE(notified.runnable());
}

TEST_CASE("destroying a living process takes its request back from VM") {
    System system;
    Process& victim = system.start("victim");
    (void)system.call<CountersRead>(victim, {missing});
    REQUIRE(system.vm().first_sender == &victim);
    destroy_alive(system, victim.endpoint);
    CHECK(system.vm().first_sender == nullptr);
}

TEST_CASE("destroying a living process cancels its alarm and its watch of the log") {
    System system;
    Process& victim = system.start("victim");
    REQUIRE(system.call<AlarmSet>(victim, {{1000}}).has_value());
    REQUIRE(system.call<LogWatch>(victim).has_value());
    destroy_alive(system, victim.endpoint);
    CHECK(system.kernel->log.watcher() == endpoints::none);
    Process& next = system.start("next");
    REQUIRE(&next == &victim);
    system.machine.counter = {5000};
    system.kernel->clock_interrupt();
    CHECK_FALSE(next.needs(Attention::alarm));
}

TEST_CASE("a process cannot destroy itself") {
    System system;
    Process& process = system.start("p");
    CHECK(system.call<ProcessDestroy>(process, {process.endpoint}).status() == Status::busy);
    CHECK(process.runnable());
}
