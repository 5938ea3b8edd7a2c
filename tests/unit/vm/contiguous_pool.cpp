// SPDX-License-Identifier: BSD-3-Clause
#include "servers/vm/contiguous_pool.h"
#include "tests/unit/vm/machine.h"
#include <catch2/catch.hpp>

using namespace tessera;
using tests::Machine;
using vm::ContiguousBlock;
using vm::ContiguousPool;

namespace {

constexpr ServiceId driver{20};
constexpr ServiceId other{21};

struct Fixture {
    Machine machine{1024, {}, vm::SanityLevel::functions};
    ContiguousPool pool{machine.frames, machine.own_pages};

    std::size_t left_behind() const {
        std::size_t count = 0;
        pool.for_each_left([&](const ContiguousBlock&) { ++count; });
        return count;
    }
};

} // namespace

TEST_CASE("a block that was left behind goes to the same service and size alone") {
    Fixture f;
    const ContiguousBlock block = f.pool.take(driver, 4).value();
    f.pool.leave(driver, block);
    CHECK(f.left_behind() == 1);
    CHECK(f.pool.take(other, 4).value().base != block.base);
    CHECK(f.pool.take(driver, 3).value().base != block.base);
    CHECK(f.pool.take(driver, 4).value().base == block.base);
    CHECK(f.left_behind() == 0);
}

TEST_CASE("a block of no service is never found again: nobody can come back for it") {
    Fixture f;
    const ContiguousBlock block = f.pool.take(service_ids::user, 2).value();
    f.pool.leave(service_ids::user, block);
    CHECK(f.pool.take(service_ids::user, 2).value().base != block.base);
    CHECK(f.left_behind() == 1);
}

TEST_CASE("blocks that were left behind are found in any order") {
    Fixture f;
    const ContiguousBlock first = f.pool.take(driver, 1).value();
    const ContiguousBlock second = f.pool.take(driver, 2).value();
    const ContiguousBlock third = f.pool.take(driver, 3).value();
    for (const ContiguousBlock& block : {first, second, third}) f.pool.leave(driver, block);
    CHECK(f.pool.take(driver, 2).value().base == second.base);
    CHECK(f.pool.take(driver, 3).value().base == third.base);
    CHECK(f.pool.take(driver, 1).value().base == first.base);
    CHECK(f.left_behind() == 0);
    CHECK(f.pool.records().objects() == 0);
}

TEST_CASE("a block that was left behind before is left behind again when it is given back") {
    Fixture f;
    f.pool.leave(driver, f.pool.take(driver, 4).value());
    f.pool.give_back(driver, f.pool.take(driver, 4).value());
    CHECK(f.left_behind() == 1);
}
