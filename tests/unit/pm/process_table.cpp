// SPDX-License-Identifier: BSD-3-Clause
#include "servers/pm/process_table.h"
#include "servers/protocols/pm.h"
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <random>

using namespace tessera;
using namespace tessera::pm;
using protocol::pm::endpoint_of;
using protocol::pm::id_of;

namespace {

const Endpoint parent{5, 1};
const Endpoint child{6, 1};

struct Table {
    std::unique_ptr<ProcessTable::Memory> memory = std::make_unique<ProcessTable::Memory>();
    ProcessTable table{*memory};
};

} // namespace

TEST_CASE("a number is an endpoint in another form, and fits a positive int") {
    for (const Endpoint endpoint :
         {Endpoint(0, 1), Endpoint(255, 1), Endpoint(7, 1234), Endpoint(255, Endpoint::generation_limit - 1)}) {
        CHECK(endpoint_of(id_of(endpoint)) == endpoint);
        CHECK(id_of(endpoint).value <= 0x7fff'ffff);
        CHECK(id_of(endpoint).value > process_limit - 1);
    }
    CHECK(endpoint_of({0}) == endpoints::none);
    CHECK(endpoint_of({0xffff'ffff}) == endpoints::none);
}

TEST_CASE_METHOD(Table, "processes are found by endpoint, and only by the right one") {
    table.add(parent, endpoints::none, ProcessState::living);
    table.add(child, parent, ProcessState::living);
    CHECK(table.find(child)->parent == parent);
    CHECK(table.find(parent)->parent == endpoints::none);
    CHECK(!table.find(Endpoint(6, 2)));
    CHECK(!table.find(endpoints::none));
    CHECK(!table.find(endpoints::kernel));
}

TEST_CASE_METHOD(Table, "a death keeps the parent, and tells cause and detail") {
    table.add(child, parent, ProcessState::living);
    table.mark_dead(child, DeathCause::page_fault, 0x1234'5678'9abc);
    const auto dead = table.find(child);
    CHECK(dead->state == ProcessState::dead);
    CHECK(dead->cause == DeathCause::page_fault);
    CHECK(dead->detail == 0x1234'5678'9abc);
    CHECK(dead->parent == parent);
    table.disown(child);
    CHECK(table.find(child)->parent == endpoints::none);
    CHECK(table.find(child)->cause == DeathCause::page_fault);
    CHECK(!table.first_child(parent));
    table.forget(child);
    CHECK(!table.find(child));
}

TEST_CASE_METHOD(Table, "the dead children come first") {
    for (std::uint32_t slot = 10; slot < 14; ++slot) table.add(Endpoint(slot, 1), parent, ProcessState::living);
    CHECK(table.child_count(parent) == 4);
    CHECK(table.first_child(parent)->state == ProcessState::living);
    table.mark_dead(Endpoint(11, 1), DeathCause::exited, 0);
    CHECK(table.first_child(parent)->endpoint == Endpoint(11, 1));
    table.forget(Endpoint(11, 1));
    CHECK(table.first_child(parent)->state == ProcessState::living);
    CHECK(table.child_count(parent) == 3);
}

TEST_CASE_METHOD(Table, "a slot that is used again is another process") {
    table.add(child, parent, ProcessState::living);
    table.add(Endpoint(6, 2), endpoints::none, ProcessState::beginning);
    CHECK(!table.find(child));
    CHECK(table.find(Endpoint(6, 2))->state == ProcessState::beginning);
    CHECK(table.child_count(parent) == 0);
}

TEST_CASE_METHOD(Table, "another table over the same memory has the same processes and families") {
    table.add(child, parent, ProcessState::living);
    table.add(Endpoint(9, 1), parent, ProcessState::living);
    table.add(Endpoint(8, 1), parent, ProcessState::living);
    table.mark_dead(Endpoint(9, 1), DeathCause::exited, 3);
    ProcessTable heir(*memory);
    CHECK(heir.child_count(parent) == 3);
    CHECK(heir.first_child(parent)->endpoint == Endpoint(9, 1));
    CHECK(heir.first_child(parent)->detail == 3);
}

TEST_CASE_METHOD(Table, "of two parents of one slot in the memory, the earlier one is dead") {
    const Endpoint later{5, 2};
    table.add(Endpoint(8, 1), later, ProcessState::living);
    table.add(child, parent, ProcessState::living);
    table.add(Endpoint(20, 1), parent, ProcessState::dead);
    ProcessTable heir(*memory);
    CHECK(heir.child_count(later) == 1);
    CHECK(heir.child_count(parent) == 0);
    CHECK(heir.find(child)->parent == endpoints::none);
    CHECK(heir.find(Endpoint(20, 1))->parent == endpoints::none);
}

TEST_CASE_METHOD(Table, "families agree with the records after any number of changes") {
    std::mt19937 random(20260101);
    const auto below = [&](std::uint32_t limit) { return static_cast<std::uint32_t>(random() % limit); };
    std::map<std::uint32_t, Endpoint> parents; // by slot of the child
    std::map<std::uint32_t, std::uint32_t> generations;
    for (int step = 0; step < 100'000; ++step) {
        const std::uint32_t slot = 10 + below(60);
        const auto known = parents.find(slot);
        const Endpoint endpoint{slot, generations[slot]};
        if (known == parents.end()) {
            const Endpoint next{slot, ++generations[slot]};
            const Endpoint mother{below(8), 1};
            table.add(next, mother == Endpoint{0, 1} ? endpoints::none : mother, ProcessState::living);
            parents[slot] = table.find(next)->parent;
        } else if (const auto action = below(4); action == 0) {
            table.mark_dead(endpoint, DeathCause::exited, slot);
        } else if (action == 1) {
            table.disown(endpoint);
            known->second = endpoints::none;
        } else {
            table.forget(endpoint);
            parents.erase(known);
        }
        if (step % 1000 != 0) continue;
        for (std::uint32_t mother = 1; mother < 8; ++mother) {
            const Endpoint of(mother, 1);
            const auto count = std::ranges::count(parents, of, &std::pair<const std::uint32_t, Endpoint>::second);
            REQUIRE(table.child_count(of) == static_cast<std::size_t>(count));
            REQUIRE(ProcessTable(*memory).child_count(of) == static_cast<std::size_t>(count));
        }
    }
}
