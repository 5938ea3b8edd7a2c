// SPDX-License-Identifier: BSD-3-Clause
// The protocol.

#include "kernel/abi/calls/information.h"
#include "tests/unit/rs/world.h"
#include <catch2/catch.hpp>

using namespace tessera;
using namespace tessera::rs;
using namespace tessera::tests;
using namespace tessera::protocol::rs;
using configuration::Control;

namespace {

Lookup::Request lookup(std::string_view label, LookupWait wait = LookupWait::until_running) {
    return {.label = Name(label), .wait = wait};
}

Endpoint endpoint_in(const Message& message) { return protocol::load_payload<Lookup::Reply>(message).endpoint; }

Service& controller(World& world) {
    Service& service = world.run("netmgmt");
    service.configuration.control = static_cast<std::uint8_t>(Control::services) |
                                    static_cast<std::uint8_t>(Control::faults) |
                                    static_cast<std::uint8_t>(Control::machine);
    return service;
}

} // namespace

TEST_CASE("lookup: a running service, VM and RS are found at once") {
    World world;
    const Service& service = world.run("ds");
    CHECK(endpoint_in(*world.ask<Lookup>(lookup("ds"), client)) == service.endpoint);
    CHECK(endpoint_in(*world.ask<Lookup>(lookup("vm"), client)) == endpoints::vm);
    CHECK(status_of(*world.ask<Lookup>(lookup("gone"), client)) == Status::no_such);
}

TEST_CASE("lookup: who waits is answered when the service runs") {
    World world;
    Service& service = world.start("ds");
    CHECK(status_of(*world.ask<Lookup>(lookup("ds", LookupWait::answer_now), client)) == Status::try_again);
    CHECK_FALSE(world.ask<Lookup>(lookup("ds"), client).has_value());
    CHECK(world.machine.answers.empty());
    REQUIRE(world.supervisor.ready(service.endpoint).has_value());
    REQUIRE(world.machine.answers.size() == 1);
    CHECK(world.machine.answers[0].first == client);
    CHECK(endpoint_in(world.machine.answers[0].second) == service.endpoint);
    (void)world.supervisor.ready(service.endpoint);
    CHECK(world.machine.answers.size() == 1);
}

TEST_CASE("lookup: who waits over a restart gets the new endpoint") {
    World world;
    Service& service = world.run("ds");
    world.crash(service);
    CHECK_FALSE(world.ask<Lookup>(lookup("ds"), client).has_value());
    world.pass(0);
    REQUIRE(world.supervisor.ready(service.endpoint).has_value());
    REQUIRE(world.machine.answers.size() == 1);
    CHECK(endpoint_in(world.machine.answers[0].second) == service.endpoint);
}

TEST_CASE("lookup: a service that will not run is no service") {
    World world;
    Service& service = world.start("bench");
    service.configuration.restart.policy = RestartPolicy::never;
    CHECK_FALSE(world.ask<Lookup>(lookup("bench"), client).has_value());
    world.machine.die(service.endpoint, DeathCause::exited, 1);
    world.supervisor.fetch_deaths();
    REQUIRE(world.machine.answers.size() == 1);
    CHECK(status_of(world.machine.answers[0].second) == Status::no_such);
    CHECK(status_of(*world.ask<Lookup>(lookup("bench"), client)) == Status::no_such);
}

TEST_CASE("lookup: a client waits once, and the table of waiting clients is bounded") {
    World world;
    Service& service = world.start("ds");
    CHECK_FALSE(world.ask<Lookup>(lookup("ds"), client).has_value());
    CHECK_FALSE(world.ask<Lookup>(lookup("ds"), client).has_value());
    for (std::uint32_t i = 0; i < Lookups::limit; ++i)
        CHECK_FALSE(world.ask<Lookup>(lookup("ds"), Endpoint(i + 1, 9)).has_value());
    REQUIRE(world.machine.answers.size() == 1);
    CHECK(world.machine.answers[0].first == client);
    CHECK(status_of(world.machine.answers[0].second) == Status::try_again);
    (void)world.supervisor.ready(service.endpoint);
    CHECK(world.machine.answers.size() == 1 + Lookups::limit);
}

TEST_CASE("service_next: the whole table, from any index on") {
    World world;
    world.run("ds");
    const auto reply = protocol::load_payload<ServiceNext::Reply>(*world.ask<ServiceNext>({.index = 2}, client));
    CHECK(reply.label.view() == "ds");
    CHECK(reply.index == 2);
    CHECK(reply.state == protocol::rs::ServiceState::running);
    CHECK(protocol::load_payload<ServiceNext::Reply>(*world.ask<ServiceNext>({.index = 0}, client)).label.view() ==
          "vm");
    CHECK(status_of(*world.ask<ServiceNext>({.index = 3}, client)) == Status::no_entry);
    CHECK(status_of(*world.ask<ServiceNext>({.index = ~0ull}, client)) == Status::no_entry);
}

TEST_CASE("control: only those whose file says so may change anything") {
    World world;
    const Service& plain = world.run("ds");
    for (const Endpoint caller : {client, plain.endpoint}) {
        CHECK(status_of(*world.ask<ServiceRestart>({.label = Name("ds")}, caller)) == Status::not_permitted);
        CHECK(status_of(*world.ask<FaultArm>({.target = Name("ds"), .model = FaultModel::kill}, caller)) ==
              Status::not_permitted);
        CHECK(status_of(*world.ask<FaultDisarm>({.fault = 1}, caller)) == Status::not_permitted);
        CHECK(status_of(*world.ask<MachineStop>({}, caller)) == Status::not_permitted);
    }
    CHECK(world.machine.stops.empty());
}

TEST_CASE("service_restart: by label") {
    World world;
    const Endpoint caller = controller(world).endpoint;
    Service& service = world.run("ds");
    const Endpoint old = service.endpoint;
    const auto reply =
        protocol::load_payload<ServiceRestart::Reply>(*world.ask<ServiceRestart>({.label = Name("ds")}, caller));
    CHECK(reply.old_endpoint == old);
    world.supervisor.fetch_deaths();
    CHECK(service.endpoint != old);
    CHECK(status_of(*world.ask<ServiceRestart>({.label = Name("vm")}, caller)) == Status::not_permitted);
    CHECK(status_of(*world.ask<ServiceRestart>({.label = Name("gone")}, caller)) == Status::no_such);
}

TEST_CASE("machine_stop: after its delay, and after the answer") {
    World world;
    const Endpoint caller = controller(world).endpoint;
    const MachineStop::Request request{.action = kernel_calls::MachineStop::reboot, .delay_milliseconds = 0};
    CHECK(status_of(*world.ask<MachineStop>(request, caller)) == Status::ok);
    CHECK(world.machine.stops.empty());
    world.pass(0);
    CHECK(world.machine.stops == std::vector{kernel_calls::MachineStop::reboot});
    CHECK(status_of(*world.ask<MachineStop>({.action = static_cast<kernel_calls::MachineStop>(7)}, caller)) ==
          Status::invalid);
}

TEST_CASE("device_information: one's own device only") {
    World world;
    Service& driver = world.add("e1000");
    driver.device = PciDevice{.location = {},
                              .resources = {.id = {.vendor = 0x8086, .device = 0x100e},
                                            .registers = {.base = {0xfeb0'0000}, .bytes = 0x2'0000},
                                            .interrupt = {11}}};
    world.supervisor.start(driver);
    const auto reply =
        protocol::load_payload<DeviceInformation::Reply>(*world.ask<DeviceInformation>({}, driver.endpoint));
    CHECK(reply.registers.value == 0xfeb0'0000);
    CHECK(reply.interrupt == InterruptLine{11});
    CHECK(reply.device == 0x100e);
    CHECK(status_of(*world.ask<DeviceInformation>({}, client)) == Status::no_device);
    CHECK(status_of(*world.ask<DeviceInformation>({}, world.run("ds").endpoint)) == Status::no_device);
}

TEST_CASE("program_start: for PM only, which is told of the death") {
    World world;
    const Service& pm = world.run("pm");
    const auto reply =
        protocol::load_payload<ProgramStart::Reply>(*world.ask<ProgramStart>({.program = Name("hello")}, pm.endpoint));
    const FakeProcess* const process = world.machine.find(reply.endpoint);
    REQUIRE(process != nullptr);
    CHECK(process->running);
    CHECK(process->privileges.supervisor == pm.id);
    CHECK(process->privileges.service == service_ids::user);
    CHECK(status_of(*world.ask<ProgramStart>({.program = Name("hello")}, client)) == Status::not_permitted);

    world.machine.failing["load_image"] = Status::no_entry;
    CHECK(status_of(*world.ask<ProgramStart>({.program = Name("gone")}, pm.endpoint)) == Status::no_entry);
    CHECK(world.machine.count("gone") == 0);
}
