// SPDX-License-Identifier: BSD-3-Clause
#include "servers/pm/scheduling.h"
#include "kernel/abi/privileges.h"
#include "tests/unit/pm/fake_system.h"
#include <catch2/catch.hpp>

using namespace tessera;
using namespace tessera::pm;
using namespace tessera::pm::test;
using protocol::pm::user_priority;

namespace {

struct Policy {
    FakeSystem system;
    Scheduling scheduling{system};
    Endpoint a = *system.start_program(Name("a"));
    Endpoint b = *system.start_program(Name("b"));

    void use_quantum(Endpoint process, std::uint16_t priority) {
        system.without_quantum.push_back({process, priority, user_priority, {}});
    }
};

} // namespace

TEST_CASE("a process that used its quantum sinks by one, and no further than the least urgent priority") {
    Policy policy;
    policy.use_quantum(policy.a, user_priority);
    policy.use_quantum(policy.b, priority_count - 1);
    policy.scheduling.quantum_used();
    CHECK(policy.system.priorities.at(policy.a) == user_priority + 1);
    CHECK(policy.system.priorities.at(policy.b) == priority_count - 1);
}

TEST_CASE("those that sank rise by one at each alarm, until they have what their privileges allow") {
    Policy policy;
    policy.use_quantum(policy.a, user_priority);
    policy.use_quantum(policy.b, user_priority + 1);
    policy.scheduling.quantum_used();
    CHECK(policy.system.alarms.size() == 1); // one for both
    policy.scheduling.lift();
    CHECK(policy.system.priorities.at(policy.a) == user_priority);
    CHECK(policy.system.priorities.at(policy.b) == user_priority + 1);
    CHECK(policy.system.alarms.size() == 2);
    policy.scheduling.lift();
    CHECK(policy.system.priorities.at(policy.b) == user_priority);
    CHECK(policy.system.alarms.size() == 2); // nobody is low any more
}

TEST_CASE("a process that died is forgotten") {
    Policy policy;
    policy.use_quantum(policy.a, user_priority);
    policy.use_quantum(policy.b, user_priority);
    policy.system.die(policy.a, DeathCause::killed, 0);
    policy.scheduling.quantum_used();
    policy.system.die(policy.b, DeathCause::killed, 0);
    policy.scheduling.lift();
    CHECK(policy.system.priorities.at(policy.b) == user_priority + 1);
    CHECK(policy.system.alarms.size() == 1);
}

TEST_CASE("what a predecessor left low rises again") {
    Policy policy;
    policy.scheduling.adopt({.endpoint = policy.a, .priority = user_priority + 1});
    policy.scheduling.adopt({.endpoint = policy.b, .priority = user_priority});
    CHECK_FALSE(policy.system.priorities.contains(policy.b));
    policy.scheduling.lift();
    CHECK(policy.system.priorities.at(policy.a) == user_priority);
}
