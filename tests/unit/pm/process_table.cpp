// SPDX-License-Identifier: BSD-3-Clause
#include "servers/pm/process_table.h"
#include <catch2/catch.hpp>
#include <memory>

using namespace tessera;
using namespace tessera::pm;

namespace {

const Endpoint parent{5, 1};
const Endpoint child{6, 1};

} // namespace

TEST_CASE("processes are found by number and by endpoint") {
    const auto memory = std::make_unique<ProcessTable::Memory>();
    ProcessTable table(*memory);
    table.clear();
    CHECK(*table.add(parent, endpoints::none) == ProcessId{1});
    CHECK(*table.add(child, parent) == ProcessId{2});
    CHECK(table.find(child)->parent == parent);
    CHECK(table.find(ProcessId{1})->endpoint == parent);
    CHECK(!table.find(ProcessId{3}));
    CHECK(!table.find(Endpoint(6, 2)));
}

TEST_CASE("a death keeps number and parent, and tells cause and detail") {
    const auto memory = std::make_unique<ProcessTable::Memory>();
    ProcessTable table(*memory);
    const ProcessId id = *table.add(child, parent);
    table.mark_dead(child, DeathCause::page_fault, 0x1234'5678'9abc);
    const auto dead = table.find(id);
    CHECK(dead->state == ProcessState::dead);
    CHECK(dead->cause == DeathCause::page_fault);
    CHECK(dead->detail == 0x1234'5678'9abc);
    CHECK(dead->parent == parent);
    table.disown(child);
    CHECK(table.find(id)->parent == endpoints::none);
    CHECK(table.find(id)->cause == DeathCause::page_fault);
    table.forget(child);
    CHECK(!table.find(id));
}

TEST_CASE("the table is bounded, and numbers are not used twice in a row") {
    const auto memory = std::make_unique<ProcessTable::Memory>();
    ProcessTable table(*memory);
    for (std::uint32_t slot = 0; slot < process_limit; ++slot)
        REQUIRE(table.add(Endpoint(slot, 1), parent).has_value());
    CHECK(table.add(Endpoint(300, 1), parent).status() == Status::no_space);
    table.forget(Endpoint(0, 1));
    CHECK(*table.add(Endpoint(300, 1), parent) == ProcessId{process_limit + 1});
}

TEST_CASE("numbers that are in use are skipped when the counter comes round") {
    const auto memory = std::make_unique<ProcessTable::Memory>();
    ProcessTable table(*memory);
    CHECK(*table.add(parent, endpoints::none) == ProcessId{1});
    memory->last_id = 0xffff'ffff;
    CHECK(*table.add(child, parent) == ProcessId{2});
}

TEST_CASE("another table over the same memory is the same table") {
    const auto memory = std::make_unique<ProcessTable::Memory>();
    ProcessTable(*memory).add(child, parent).value();
    ProcessTable heir(*memory);
    CHECK(heir.find(child)->id == ProcessId{1});
    CHECK(*heir.add(parent, endpoints::none) == ProcessId{2});
}
