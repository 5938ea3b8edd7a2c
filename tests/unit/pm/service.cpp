// SPDX-License-Identifier: BSD-3-Clause
#include "tests/unit/pm/machine.h"

using namespace tessera;
using namespace tessera::pm;
using namespace tessera::pm::test;
using namespace tessera::protocol::pm;

TEST_CASE_METHOD(Machine, "a program is started; what cannot start is an error and leaves nothing") {
    const auto child = spawn(shell);
    CHECK(child.process_id == id_of(child.endpoint).value);
    CHECK(spawn(child.endpoint).process_id != child.process_id);
    CHECK(call<Spawn>(shell, {.program = Name("missing")})->status() == Status::no_entry);
    CHECK(known() == 2);
}

TEST_CASE_METHOD(Machine, "a process learns its number and its parent's") {
    const auto child = spawn(shell);
    const auto grandchild = spawn(child.endpoint);
    CHECK((*call<Identify>(grandchild.endpoint, {}))->process_id == grandchild.process_id);
    CHECK((*call<Identify>(grandchild.endpoint, {}))->parent_id == child.process_id);
    CHECK((*call<Identify>(child.endpoint, {}))->parent_id == 0);
    CHECK(call<Identify>(shell, {})->status() == Status::no_such);
}

TEST_CASE_METHOD(Machine, "wait answers at once for a child that is dead already") {
    const auto child = spawn(shell);
    die(child.endpoint, DeathCause::exited, 42);
    CHECK(system.spaces_destroyed == std::vector{child.endpoint});
    CHECK(system.slots_destroyed.empty()); // its number is not given to another
    const auto reply = call<Wait>(shell, {.process_id = 0});
    CHECK((*reply)->process_id == child.process_id);
    CHECK((*reply)->cause == DeathCause::exited);
    CHECK((*reply)->detail == 42);
    CHECK(call<Wait>(shell, {.process_id = 0})->status() == Status::no_such);
    CHECK(known() == 0);
    CHECK(system.slots_destroyed == std::vector{child.endpoint});
}

TEST_CASE_METHOD(Machine, "wait is answered later for a living child, and only for the right one") {
    const auto first = spawn(shell);
    const auto second = spawn(shell);
    CHECK(!call<Wait>(shell, {.process_id = second.process_id}).has_value());
    die(first.endpoint);
    CHECK(system.answers.empty());
    die(second.endpoint, DeathCause::page_fault, 0xbad);
    REQUIRE(system.answers.size() == 1);
    CHECK(system.answers[0].first == shell);
    CHECK(system.answered<Wait>(0).process_id == second.process_id);
    CHECK(system.answered<Wait>(0).detail == 0xbad);
    CHECK(known() == 1); // the first still waits to be waited for
}

TEST_CASE_METHOD(Machine, "nobody waits for another's child") {
    const auto child = spawn(shell);
    const auto other = spawn(shell);
    CHECK(call<Wait>(other.endpoint, {.process_id = child.process_id})->status() == Status::no_such);
    CHECK(call<Wait>(shell, {.process_id = 77})->status() == Status::no_such);
}

TEST_CASE_METHOD(Machine, "children of a dead parent go to nobody and are reaped when they die") {
    const auto parent = spawn(shell);
    const auto living = spawn(parent.endpoint);
    const auto dead = spawn(parent.endpoint);
    die(dead.endpoint);
    CHECK(known() == 3);
    die(parent.endpoint);
    CHECK(known() == 2); // the parent, for the shell to wait for, and the living orphan
    CHECK((*call<Identify>(living.endpoint, {}))->parent_id == 0);
    die(living.endpoint);
    CHECK(known() == 1);
    CHECK(system.slots_destroyed.size() == 2);
    CHECK(system.spaces_destroyed.size() == 3);
}

TEST_CASE_METHOD(Machine, "an answer that does not arrive keeps nothing") {
    const auto child = spawn(shell);
    CHECK(!call<Wait>(shell, {.process_id = 0}).has_value());
    system.living.erase(shell); // a service: PM is not told
    die(child.endpoint);
    CHECK(system.answers.empty());
    CHECK(known() == 0);
}

TEST_CASE_METHOD(Machine, "a parent with too many children gets no more until it waits") {
    std::vector<Spawn::Reply> children;
    for (std::size_t i = 0; i < children_limit; ++i) children.push_back(spawn(shell));
    CHECK(call<Spawn>(shell, {.program = Name("program")})->status() == Status::no_space);
    const Endpoint other = children[0].endpoint;
    spawn(other);
    die(children[1].endpoint);
    CHECK(call<Spawn>(shell, {.program = Name("program")})->status() == Status::no_space);
    CHECK(call<Wait>(shell, {.process_id = children[1].process_id})->has_value());
    spawn(shell);
}

TEST_CASE_METHOD(Machine, "the dead of a service that died itself make room") {
    for (std::size_t i = 0; i < children_limit; ++i) die(spawn(shell).endpoint);
    CHECK(known() == children_limit);
    system.living.erase(shell);
    const Endpoint next{200, 2};
    system.living.insert(next);
    spawn(next);
    CHECK(known() == 1);
}

TEST_CASE_METHOD(Machine, "a death that is not PM's is reaped and forgotten") {
    die(Endpoint(33, 9));
    CHECK(system.slots_destroyed.size() == 1);
    CHECK(known() == 0);
}

TEST_CASE_METHOD(Machine, "only the kernel tells of deaths") {
    const auto child = spawn(shell);
    system.die(child.endpoint, DeathCause::killed, 0);
    service->notified(endpoints::rs, {});
    CHECK(system.spaces_destroyed.empty());
}

TEST_CASE_METHOD(Machine, "a restarted PM knows its processes") {
    const auto living = spawn(shell);
    const auto zombie = spawn(shell);
    die(zombie.endpoint, DeathCause::exited, 7);
    const auto recovered = restart();
    CHECK(recovered.living == 1);
    CHECK(recovered.adopted == 0);
    CHECK(recovered.unseen == 0);
    CHECK((*call<Wait>(shell, {.process_id = zombie.process_id}))->detail == 7);
    CHECK((*call<Identify>(living.endpoint, {}))->process_id == living.process_id);
    CHECK(spawn(shell).process_id != zombie.process_id);
}

TEST_CASE_METHOD(Machine, "a restarted PM takes the deaths that wait in the kernel") {
    const auto child = spawn(shell);
    system.die(child.endpoint, DeathCause::page_fault, 0x10);
    CHECK(restart().unseen == 0);
    CHECK(system.spaces_destroyed == std::vector{child.endpoint});
    CHECK((*call<Wait>(shell, {.process_id = 0}))->detail == 0x10);
}

TEST_CASE_METHOD(Machine, "a restarted PM reaps what its predecessor had heard of but not reaped") {
    const auto child = spawn(shell);
    system.die(child.endpoint, DeathCause::page_fault, 0x10);
    system.deaths.clear();
    restart();
    CHECK(system.spaces_destroyed == std::vector{child.endpoint});
    CHECK((*call<Wait>(shell, {.process_id = 0}))->cause == DeathCause::page_fault);
}

TEST_CASE_METHOD(Machine, "a restarted PM notices who vanished, orphans their children and adopts strangers") {
    const auto parent = spawn(shell);
    const auto child = spawn(parent.endpoint);
    system.living.erase(parent.endpoint); // died and was reaped by RS
    system.living.insert(Endpoint(150, 3));
    const auto recovered = restart();
    CHECK(recovered.unseen == 1);
    CHECK(recovered.living == 1);
    CHECK(recovered.adopted == 1);
    CHECK((*call<Identify>(child.endpoint, {}))->parent_id == 0);
    CHECK((*call<Wait>(shell, {.process_id = parent.process_id}))->cause == DeathCause::none);
    CHECK((*call<Identify>(Endpoint(150, 3), {}))->parent_id == 0);
    die(child.endpoint);
    CHECK(known() == 1);
}
