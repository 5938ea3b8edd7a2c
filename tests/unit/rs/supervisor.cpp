// SPDX-License-Identifier: BSD-3-Clause
// The life of services.

#include "kernel/abi/calls/information.h"
#include "tests/unit/rs/world.h"
#include <catch2/catch.hpp>

using namespace tessera;
using namespace tessera::rs;
using namespace tessera::tests;

TEST_CASE("rs: a start makes a process with privileges, space, program and arguments") {
    World world;
    world.add("ds", 3);
    Service& service = world.add("netmgmt", 9);
    service.configuration.may_call = {Name("ds")};
    service.configuration.arguments = {"-v"};
    service.configuration.preserved_pages = 2;
    world.supervisor.start(service);

    const FakeProcess* const process = world.machine.living("netmgmt");
    REQUIRE(process != nullptr);
    CHECK(process->running);
    CHECK(process->endpoint == service.endpoint);
    CHECK(process->arguments == std::string("netmgmt\0-v\0", 11));
    CHECK(process->space->budget_pages == 100);
    CHECK(process->space->preserved_pages == 2);
    CHECK(process->privileges.service == ServiceId{4});
    CHECK(process->privileges.send_mask == (1u << 1 | 1u << 2 | 1u << 3));
    CHECK(service.state == ServiceState::starting);
}

TEST_CASE("rs: a service runs when it says so; others cannot say it") {
    World world;
    Service& service = world.start("ds");
    CHECK(world.supervisor.ready(client).error() == Status::no_such);
    CHECK(service.state == ServiceState::starting);
    CHECK(world.supervisor.ready(service.endpoint).has_value());
    CHECK(world.supervisor.ready(service.endpoint).has_value());
    CHECK(service.state == ServiceState::running);
}

TEST_CASE("rs: a dead service is back, under a new endpoint, and the old process is gone") {
    World world;
    Service& service = world.run("ds");
    const Endpoint old = service.endpoint;
    world.crash(service);
    CHECK(service.state == ServiceState::restarting);
    world.pass(0);
    CHECK(service.state == ServiceState::starting);
    CHECK(service.endpoint != old);
    CHECK(service.restarts == 1);
    CHECK(service.last_cause == DeathCause::page_fault);
    CHECK(world.machine.find(old) == nullptr);
    CHECK(world.machine.count("ds") == 1);
}

TEST_CASE("rs: twenty kills in a row are all recovered") {
    World world;
    Service& service = world.run("e1000");
    service.configuration.restart.give_up = configuration::GiveUp{.deaths = 10, .within = {20'000'000'000}};
    for (std::uint32_t i = 1; i <= 20; ++i) {
        REQUIRE(world.supervisor.kill(service, KillReason::on_request).has_value());
        world.supervisor.fetch_deaths();
        world.pass(3000);
        REQUIRE(service.restarts == i);
        REQUIRE(world.supervisor.ready(service.endpoint).has_value());
    }
    CHECK(world.machine.count("e1000") == 1);
}

TEST_CASE("rs: memory that is kept goes from the dead to the next, then the dead is freed") {
    World world;
    Service& service = world.add("ds");
    service.configuration.preserved_pages = 4;
    world.supervisor.start(service);
    const Endpoint old = service.endpoint;
    world.crash(service);
    CHECK(world.machine.find(old) != nullptr); // until the memory is inherited
    world.pass(0);
    CHECK(world.machine.living("ds")->space->inherit_from == old);
    CHECK(world.machine.find(old) == nullptr);
}

TEST_CASE("rs: memory that is kept survives a start that fails half-way") {
    World world;
    Service& service = world.add("ds");
    service.configuration.preserved_pages = 4;
    world.supervisor.start(service);
    world.machine.failing["load_image"] = Status::out_of_memory;
    world.crash(service);
    world.pass(0); // the attempt that fails, after it inherited
    CHECK(service.state == ServiceState::restarting);
    const Endpoint holder = service.predecessor;
    REQUIRE(world.machine.find(holder) != nullptr);
    CHECK(world.machine.find(holder)->space.has_value());

    world.machine.failing.clear();
    world.pass(3000);
    CHECK(service.state == ServiceState::starting);
    CHECK(world.machine.living("ds")->space->inherit_from == holder);
    CHECK(world.machine.count("ds") == 1);
}

TEST_CASE("rs: a failed step of a start leaves nothing behind, and is tried again later") {
    for (const char* const step : {"create_process", "set_privileges", "create_space", "load_image"}) {
        World world;
        Service& service = world.add("pm");
        world.machine.failing[step] = Status::out_of_memory;
        world.supervisor.start(service);
        CHECK(service.state == ServiceState::restarting);
        CHECK(world.machine.processes.empty());
        CHECK(world.machine.logged("pm: cannot be started"));

        world.machine.failing.clear();
        world.pass(3000);
        CHECK(service.state == ServiceState::starting);
    }
}

TEST_CASE("rs: a service that never becomes ready is given up, and nothing of it stays") {
    World world;
    Service& service = world.add("e1000");
    service.configuration.preserved_pages = 1;
    service.configuration.restart.give_up = configuration::GiveUp{.deaths = 3, .within = {10'000'000'000}};
    service.backoff = Backoff(service.configuration.restart);
    world.supervisor.start(service);
    for (int i = 0; i < 3; ++i) {
        world.machine.die(service.endpoint, DeathCause::exited, 1);
        world.supervisor.fetch_deaths();
        world.pass(500);
    }
    CHECK(service.state == ServiceState::failed);
    CHECK(service.restarts == 2);
    CHECK(world.machine.processes.empty());
    CHECK(world.machine.logged("e1000: given up: it died 3 times before it was ready"));
}

TEST_CASE("rs: policy never: a clean exit stops, anything else fails") {
    World world;
    Service& good = world.start("bench");
    good.configuration.restart.policy = protocol::rs::RestartPolicy::never;
    world.machine.die(good.endpoint, DeathCause::exited, 0);
    world.supervisor.fetch_deaths();
    CHECK(good.state == ServiceState::stopped);

    Service& bad = world.start("tests");
    bad.configuration.restart.policy = protocol::rs::RestartPolicy::never;
    world.machine.die(bad.endpoint, DeathCause::exited, 2);
    world.supervisor.fetch_deaths();
    CHECK(bad.state == ServiceState::failed);
    CHECK(world.machine.processes.empty());
}

TEST_CASE("rs: the death of VM stops the machine") {
    World world;
    world.machine.processes.push_back({.endpoint = endpoints::vm});
    world.machine.die(endpoints::vm, DeathCause::page_fault);
    world.supervisor.fetch_deaths();
    CHECK(world.machine.stops == std::vector{kernel_calls::MachineStop::power_off});
}

TEST_CASE("rs: a process that no service has is reaped when it dies") {
    World world;
    const auto orphan = world.launcher.create_user_process("hello", ServiceId{4});
    REQUIRE(orphan.has_value());
    REQUIRE(world.machine.start_process(*orphan).has_value());
    world.machine.die(*orphan, DeathCause::exited);
    world.supervisor.fetch_deaths();
    CHECK(world.machine.processes.empty());
}

TEST_CASE("rs: a heartbeat that is answered keeps a service alive; one that is not ends it") {
    World world;
    Service& service = world.add("ds");
    service.configuration.heartbeat = {500'000'000};
    world.supervisor.start(service);
    REQUIRE(world.supervisor.ready(service.endpoint).has_value());
    for (int i = 0; i < 10; ++i) {
        world.pass(500);
        world.supervisor.heartbeat_answered(service.endpoint);
    }
    CHECK(service.restarts == 0);

    const Endpoint hung = service.endpoint;
    REQUIRE(world.machine.stop_process(hung).has_value());
    world.pass(1600);
    CHECK(service.restarts == 1);
    CHECK(service.endpoint != hung);
    CHECK(service.last_cause == DeathCause::killed);
    CHECK(service.last_detail == static_cast<std::uint64_t>(KillReason::heartbeat_missed));
    CHECK(world.machine.logged("heartbeat missed"));
}

TEST_CASE("rs: a heartbeat of zero asks nothing") {
    World world;
    world.run("bench");
    world.pass(100'000);
    CHECK(world.machine.notified.empty());
}

TEST_CASE("rs: a service with a heartbeat that hangs before it is ready is killed") {
    World world;
    Service& service = world.add("netmgmt");
    service.configuration.heartbeat = {500'000'000};
    world.supervisor.start(service);
    world.pass(29'000);
    CHECK(service.restarts == 0);
    world.pass(1500);
    CHECK(service.restarts == 1);
    CHECK(service.last_detail == static_cast<std::uint64_t>(KillReason::not_ready_in_time));
}

TEST_CASE("rs: a restart on request is at once, and no failure") {
    World world;
    Service& service = world.run("pm");
    for (int i = 0; i < 5; ++i) {
        const Endpoint old = service.endpoint;
        CHECK(world.supervisor.restart(service) == old);
        world.supervisor.fetch_deaths();
        CHECK(service.state == ServiceState::starting);
        CHECK(service.endpoint != old);
    }
    CHECK(service.restarts == 5);
}

TEST_CASE("rs: a restart on request revives a failed service, and one that waits") {
    World world;
    Service& service = world.add("pm");
    service.state = ServiceState::failed;
    CHECK(world.supervisor.restart(service) == endpoints::none);
    CHECK(service.state == ServiceState::starting);

    world.crash(service);
    world.pass(0);
    world.crash(service); // now it waits for its second restart
    CHECK(service.state == ServiceState::restarting);
    (void)world.supervisor.restart(service);
    CHECK(service.state == ServiceState::starting);
    world.pass(10'000); // the old timer starts nothing
    CHECK(world.machine.count("pm") == 1);
}

TEST_CASE("rs: a dead driver's device writes no memory") {
    World world;
    Service& service = world.add("e1000");
    const PciLocation location{.bus = 0, .device = 3, .function = 0};
    service.device =
        PciDevice{.location = location,
                  .resources = {.registers = {.base = {0xfeb0'0000}, .bytes = 0x2'0000}, .interrupt = {11}}};
    world.supervisor.start(service);
    CHECK(world.machine.bus_mastering[location] == BusMastering::on);
    world.crash(service);
    CHECK(world.machine.bus_mastering[location] == BusMastering::off);
    world.pass(0);
    CHECK(world.machine.bus_mastering[location] == BusMastering::on);
}

TEST_CASE("rs: DS is told of every change, and knows a label before its process runs") {
    World world;
    Service& ds = world.run("ds");
    world.machine.notified.clear();
    Service& other = world.start("pm");
    CHECK(world.machine.notified == std::vector{ds.endpoint});
    (void)world.supervisor.ready(other.endpoint);
    world.crash(other);
    CHECK(world.machine.notified.size() == 3);
}
