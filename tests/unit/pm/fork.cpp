// SPDX-License-Identifier: BSD-3-Clause
#include "tests/unit/pm/machine.h"

using namespace tessera;
using namespace tessera::pm;
using namespace tessera::pm::test;
using namespace tessera::protocol::pm;

TEST_CASE_METHOD(Machine, "parent and child are answered, each with what it is to know") {
    const Endpoint parent = spawn(shell).endpoint;
    const auto reply = call<Fork>(parent);
    const Endpoint child = endpoint_of({(*reply)->process_id});
    REQUIRE(system.answers.size() == 1);
    CHECK(system.answers[0].first == child);
    CHECK(system.answered<Fork>(0).process_id == 0);
    CHECK((*call<Identify>(child))->parent_id == id_of(parent).value);
    CHECK(table.find(child)->state == ProcessState::living);
    die(child, DeathCause::exited, 5);
    CHECK((*call<Wait>(parent))->detail == 5);
}

TEST_CASE_METHOD(Machine, "services do not fork and do not execute") {
    CHECK(call<Fork>(shell)->status() == Status::not_permitted);
    CHECK(call<Exec>(shell, {.program = Name("program")})->status() == Status::not_permitted);
}

TEST_CASE_METHOD(Machine, "a fork without memory leaves nothing") {
    const Endpoint parent = spawn(shell).endpoint;
    system.space_failure = Status::out_of_memory;
    CHECK(call<Fork>(parent)->status() == Status::out_of_memory);
    CHECK(known() == 1);
    CHECK(system.spaceless.empty());
    CHECK(system.slots_destroyed.size() == 1);
    CHECK(system.answers.empty());
    CHECK(call<Wait>(parent)->status() == Status::no_such);
}

TEST_CASE_METHOD(Machine, "a process has no more children than the limit, and a full table is told as try_again") {
    const Endpoint parent = spawn(shell).endpoint;
    for (std::size_t i = 0; i < children_limit; ++i) fork(parent);
    CHECK(call<Fork>(parent)->status() == Status::try_again);
    const Endpoint other = spawn(shell).endpoint;
    system.slot_limit = 10 + children_limit + 2;
    fork(other);
    CHECK(call<Fork>(other)->status() == Status::try_again);
    const Endpoint last = table.first_child(parent)->endpoint;
    die(last);
    CHECK(call<Fork>(other)->status() == Status::try_again); // the dead keep their slots
    CHECK((*call<Wait>(parent, {.process_id = id_of(last).value}))->process_id == id_of(last).value);
    fork(other);
}

TEST_CASE_METHOD(Machine, "dead children of services that are gone make room for a fork") {
    const Endpoint parent = spawn(shell).endpoint;
    die(spawn(shell).endpoint);
    system.slot_limit = 11;
    CHECK(call<Fork>(parent)->status() == Status::try_again);
    system.living.erase(shell);
    fork(parent);
}

TEST_CASE_METHOD(Machine, "who executes is not answered, but for an error") {
    const Endpoint process = spawn(shell).endpoint;
    CHECK(call<Exec>(process, {.program = Name("missing")})->status() == Status::no_entry);
    CHECK(!call<Exec>(process, {.program = Name("other")}).has_value());
    CHECK(system.programs.at(process) == Name("other"));
    CHECK((*call<Identify>(process))->process_id == id_of(process).value);
}

TEST_CASE_METHOD(Machine, "wait can look without waiting, and without forgetting") {
    const Endpoint parent = spawn(shell).endpoint;
    const Endpoint child = fork(parent);
    CHECK((*call<Wait>(parent, {.time = WaitTime::none}))->process_id == 0);
    CHECK(!call<Wait>(parent, {.purpose = WaitFor::look}).has_value());
    die(child, DeathCause::exited, 9);
    CHECK(system.answered<Wait>(1).detail == 9);
    CHECK((*call<Wait>(parent, {.purpose = WaitFor::look}))->detail == 9);
    CHECK((*call<Wait>(parent, {.time = WaitTime::none}))->detail == 9);
    CHECK(call<Wait>(parent)->status() == Status::no_such);
}

TEST_CASE_METHOD(Machine, "wait for any brings every child once") {
    const Endpoint parent = spawn(shell).endpoint;
    std::vector<Endpoint> children;
    for (int i = 0; i < 10; ++i) children.push_back(fork(parent));
    for (const Endpoint child : children) die(child);
    std::set<std::uint32_t> seen;
    for (int i = 0; i < 10; ++i) seen.insert((*call<Wait>(parent))->process_id);
    CHECK(seen.size() == 10);
    CHECK(call<Wait>(parent)->status() == Status::no_such);
    CHECK(known() == 1);
}

TEST_CASE_METHOD(Machine, "a fork that PM did not live to finish is undone") {
    const Endpoint parent = spawn(shell).endpoint;
    const Endpoint unknown = *system.fork_process(parent); // PM died before it noted the child
    const Endpoint noted = *system.fork_process(parent);
    table.add(noted, parent, ProcessState::beginning);
    const Endpoint with_space = *system.fork_process(parent);
    table.add(with_space, parent, ProcessState::beginning);
    REQUIRE(system.fork_space(parent, with_space).has_value());
    const auto recovered = restart();
    CHECK(recovered.living == 1);
    CHECK(recovered.adopted == 0);
    CHECK(known() == 1);
    for (const Endpoint each : {unknown, noted, with_space}) CHECK(std::ranges::contains(system.slots_destroyed, each));
    CHECK(call<Wait>(parent)->status() == Status::no_such);
}
