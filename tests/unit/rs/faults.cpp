// SPDX-License-Identifier: BSD-3-Clause
// Faults on purpose.

#include "tests/unit/rs/world.h"
#include <catch2/catch.hpp>

using namespace tessera;
using namespace tessera::rs;
using namespace tessera::tests;
using protocol::rs::FaultModel;
using protocol::rs::FaultState;

TEST_CASE("faults: each model does what it says, at its time") {
    struct Expectation {
        FaultModel model;
        DeathCause cause;
    };
    for (const auto& [model, cause] :
         {Expectation{FaultModel::crash_null_jump, DeathCause::page_fault},
          Expectation{FaultModel::crash_illegal_instruction, DeathCause::illegal_instruction},
          Expectation{FaultModel::kill, DeathCause::killed}}) {
        World world;
        Service& service = world.run("ds");
        const Endpoint hit = service.endpoint;
        const auto number = world.faults.arm(Name("ds"), model, 20);
        REQUIRE(number.has_value());
        world.pass(19);
        CHECK(world.faults.next(*number)->state == FaultState::armed);
        world.pass(1);
        CHECK(world.faults.next(*number)->state == FaultState::fired);
        CHECK(world.faults.next(*number)->endpoint == hit);
        CHECK(world.faults.next(*number)->fired_at.value == 20'000'000);
        world.pass(0);
        CHECK(service.last_cause == cause);
        CHECK(service.restarts == 1);
    }
}

TEST_CASE("faults: a hang is caught by the heartbeat") {
    World world;
    Service& service = world.add("ds");
    service.configuration.heartbeat = {100'000'000};
    world.supervisor.start(service);
    (void)world.supervisor.ready(service.endpoint);
    REQUIRE(world.faults.arm(Name("ds"), FaultModel::hang, 0).has_value());
    world.pass(0);
    CHECK(world.machine.find(service.endpoint)->held);
    world.pass(400);
    CHECK(service.restarts == 1);
}

TEST_CASE("faults: what cannot be armed") {
    World world;
    world.run("ds");
    CHECK(world.faults.arm(Name("gone"), FaultModel::kill, 0).error() == Status::no_such);
    CHECK(world.faults.arm(Name("vm"), FaultModel::kill, 0).error() == Status::not_permitted);
    CHECK(world.faults.arm(Name("rs"), FaultModel::kill, 0).error() == Status::not_permitted);
    CHECK(world.faults.arm(Name("ds"), static_cast<FaultModel>(9), 0).error() == Status::invalid);
    CHECK(world.faults.arm(Name("ds"), FaultModel::kill, 60'001).error() == Status::invalid);
}

TEST_CASE("faults: a fault that finds no process has failed") {
    World world;
    world.add("pm");
    const auto number = world.faults.arm(Name("pm"), FaultModel::kill, 5);
    world.pass(5);
    CHECK(world.faults.next(*number)->state == FaultState::failed);
}

TEST_CASE("faults: a disarmed fault does not fire; a fired one cannot be disarmed") {
    World world;
    Service& service = world.run("ds");
    const auto first = world.faults.arm(Name("ds"), FaultModel::kill, 5);
    CHECK(*world.faults.disarm(*first) == FaultState::disarmed);
    world.pass(10);
    CHECK(service.restarts == 0);
    const auto second = world.faults.arm(Name("ds"), FaultModel::kill, 5);
    world.pass(10);
    CHECK(*world.faults.disarm(*second) == FaultState::fired);
    CHECK(world.faults.disarm(99).error() == Status::no_such);
}

TEST_CASE("faults: the table is bounded; old ones give way, armed ones do not") {
    World world;
    world.run("ds");
    for (std::size_t i = 0; i < Faults::limit; ++i)
        REQUIRE(world.faults.arm(Name("ds"), FaultModel::kill, 60'000).has_value());
    CHECK(world.faults.arm(Name("ds"), FaultModel::kill, 0).error() == Status::no_space);
    REQUIRE(world.faults.disarm(3).has_value());
    const auto number = world.faults.arm(Name("ds"), FaultModel::kill, 0);
    REQUIRE(number.has_value());
    CHECK(*number == Faults::limit + 1);
    CHECK(world.faults.next(3)->number == 4);
    CHECK(world.faults.next(*number + 1) == nullptr);
}
