// SPDX-License-Identifier: BSD-3-Clause
#include "servers/vm/spaces.h"
#include "kernel/abi/user_layout.h"
#include "tests/unit/vm/fatal_error.h"
#include "tests/unit/vm/machine.h"
#include <algorithm>
#include <catch2/catch.hpp>

using namespace tessera;
using tests::Machine;

namespace {

constexpr Endpoint first{5, 1};
constexpr Endpoint second{6, 1};
constexpr VirtualAddress preserved = user_layout::preserved;
constexpr VirtualAddress contiguous = user_layout::contiguous;

Privileges of_service(std::uint8_t service) { return {.service = {service}}; }

// A machine where both processes are of the service with this id.
struct Fixture {
    explicit Fixture(std::uint8_t service = 7) {
        machine.kernel.add(first, of_service(service));
        machine.kernel.add(second, of_service(service));
    }
    Status create(Endpoint process, Endpoint inherit_from, std::uint32_t preserved_pages,
                  std::uint32_t contiguous_pages) {
        return machine.spaces
            .create({.process = process,
                     .inherit_from = inherit_from,
                     .budget_pages = 100,
                     .preserved_pages = preserved_pages,
                     .contiguous_pages = contiguous_pages})
            .status();
    }
    bool is_zero(Endpoint process, VirtualAddress page) const {
        const auto* memory = machine.memory_of(process, page);
        return std::all_of(memory, memory + page_bytes, [](std::byte b) { return b == std::byte{0}; });
    }
    Machine machine;
};

} // namespace

TEST_CASE("the kernel is told of the root entries, with VM's own") {
    Machine machine;
    std::uint64_t entry = 0;
    std::memcpy(&entry, machine.frames.view().at(machine.kernel.root_entries), sizeof(entry));
    CHECK(entry == machine.boot_info.vm_root_entry);
    CHECK(machine.spaces.count() == 0);
    CHECK(machine.counts_are_exact());
}

TEST_CASE("a space has a root entry from its making to its end") {
    Fixture f;
    const auto before = f.machine.frames.counts();
    CHECK(f.create(first, endpoints::none, 0, 0) == Status::ok);
    CHECK(f.machine.spaces.count() == 1);
    std::uint64_t entry = 0;
    const auto* place = f.machine.frames.view().at(f.machine.kernel.root_entries) + first.slot() * sizeof(entry);
    std::memcpy(&entry, place, sizeof(entry));
    CHECK((entry & 7) == 7);
    CHECK(f.machine.spaces.destroy(first).has_value());
    std::memcpy(&entry, place, sizeof(entry));
    CHECK(entry == 0);
    CHECK(f.machine.spaces.destroy(first).status() == Status::no_such);
    CHECK(f.machine.frames.counts().free == before.free);
}

TEST_CASE("spaces are made for living processes in slots that exist, once") {
    Fixture f;
    CHECK(f.create({9, 1}, endpoints::none, 0, 0) == Status::dead_endpoint);
    CHECK(f.create(Endpoint{process_limit, 1}, endpoints::none, 0, 0) == Status::dead_endpoint);
    CHECK(f.create(endpoints::any, endpoints::none, 0, 0) == Status::dead_endpoint);
    CHECK(f.create(endpoints::vm, endpoints::none, 0, 0) == Status::dead_endpoint);
    CHECK(f.create(first, endpoints::none, 0, 0) == Status::ok);
    CHECK(f.create(first, endpoints::none, 0, 0) == Status::exists);
    CHECK(f.machine.spaces.find({5, 2}) == nullptr);
}

TEST_CASE("a space that was left in a slot goes when the slot is used again") {
    Fixture f;
    REQUIRE(f.create(first, endpoints::none, 3, 0) == Status::ok);
    const Endpoint next{5, 2};
    f.machine.kernel.add(next);
    CHECK(f.create(next, endpoints::none, 0, 0) == Status::ok);
    CHECK(f.machine.spaces.find(first) == nullptr);
    CHECK(f.machine.spaces.count() == 1);
    CHECK(f.machine.frames.counts().preserved == 0);
}

TEST_CASE("a running process keeps its space") {
    Fixture f;
    REQUIRE(f.create(first, endpoints::none, 0, 0) == Status::ok);
    REQUIRE(f.machine.spaces.space(first)->bind({0x400000}, {0x500000}).has_value());
    f.machine.kernel.running[first] = true;
    CHECK(f.machine.spaces.destroy(first).status() == Status::busy);
    CHECK(f.machine.spaces.find(first) != nullptr);
    f.machine.kernel.running.clear();
    CHECK(f.machine.spaces.destroy(first).has_value());
}

TEST_CASE("preserved and contiguous memory is there from the start, zeroed") {
    Fixture f;
    REQUIRE(f.create(first, endpoints::none, 3, 4) == Status::ok);
    CHECK(f.machine.frames.counts().preserved == 7);
    for (std::uint64_t i = 0; i < 3; ++i) CHECK(f.is_zero(first, preserved + i * page_bytes));
    const auto physical = f.machine.spaces.find(first)->contiguous->base;
    for (std::uint64_t i = 0; i < 4; ++i) {
        CHECK(f.is_zero(first, contiguous + i * page_bytes));
        CHECK(f.machine.translate(first, contiguous + i * page_bytes).address() == physical + i * page_bytes);
    }
    CHECK_FALSE(f.machine.spaces.find(first)->inherited);
    CHECK(f.machine.spaces.space(first)->resident_pages() == 7);
}

TEST_CASE("a successor inherits frames and contents") {
    Fixture f;
    const auto before = f.machine.frames.counts();
    REQUIRE(f.create(first, endpoints::none, 3, 4) == Status::ok);
    std::memset(f.machine.memory_of(first, preserved + page_bytes), 0x11, page_bytes);
    std::memset(f.machine.memory_of(first, contiguous + page_bytes), 0x22, page_bytes);
    const auto preserved_frame = f.machine.translate(first, preserved + page_bytes).address();
    const auto contiguous_frame = f.machine.translate(first, contiguous + page_bytes).address();

    CHECK(f.create(second, first, 3, 4) == Status::ok);
    CHECK(f.machine.spaces.find(second)->inherited);
    CHECK(f.machine.translate(second, preserved + page_bytes).address() == preserved_frame);
    CHECK(f.machine.translate(second, contiguous + page_bytes).address() == contiguous_frame);
    CHECK(f.machine.translate(first, preserved).empty());
    CHECK(f.machine.translate(first, contiguous).empty());
    CHECK(f.machine.spaces.destroy(first).has_value());
    CHECK(*f.machine.memory_of(second, preserved + page_bytes) == std::byte{0x11});
    CHECK(*f.machine.memory_of(second, contiguous + page_bytes) == std::byte{0x22});
    CHECK(f.machine.frames.counts().preserved == 7);
    CHECK(f.machine.counts_are_exact());

    // The contiguous part waits for its service: only the rest is free again.
    CHECK(f.machine.spaces.destroy(second).has_value());
    CHECK(f.machine.frames.counts().preserved == 4);
    const auto after = f.machine.frames.counts();
    CHECK(after.free + after.vm_own + 4 == before.free + before.vm_own);
}

TEST_CASE("other sizes are not inherited") {
    for (const auto& [preserved_pages, contiguous_pages] : {std::pair{2u, 4u}, {3u, 5u}, {3u, 0u}, {0u, 4u}}) {
        Fixture f;
        REQUIRE(f.create(first, endpoints::none, 3, 4) == Status::ok);
        std::memset(f.machine.memory_of(first, preserved), 0x11, page_bytes);
        CHECK(f.create(second, first, preserved_pages, contiguous_pages) == Status::ok);
        CHECK_FALSE(f.machine.spaces.find(second)->inherited);
        if (preserved_pages > 0) CHECK(f.is_zero(second, preserved));
        if (contiguous_pages > 0) CHECK(f.is_zero(second, contiguous));
        CHECK_FALSE(f.machine.translate(first, preserved).empty());
    }
}

TEST_CASE("from a predecessor that runs nothing is taken") {
    Fixture f;
    REQUIRE(f.create(first, endpoints::none, 3, 0) == Status::ok);
    REQUIRE(f.machine.spaces.space(first)->bind({0x400000}, {0x500000}).has_value());
    f.machine.kernel.running[first] = true;
    CHECK(f.create(second, first, 3, 0) == Status::not_permitted);
    CHECK_FALSE(f.machine.translate(first, preserved).empty());
    CHECK(f.machine.spaces.find(second) == nullptr);
}

TEST_CASE("contiguous memory that was left behind is kept for its service") {
    Fixture f;
    REQUIRE(f.create(first, endpoints::none, 0, 4) == Status::ok);
    const auto block = f.machine.spaces.find(first)->contiguous->base;
    std::memset(f.machine.memory_of(first, contiguous), 0x33, page_bytes);
    REQUIRE(f.machine.spaces.destroy(first).has_value());
    CHECK(f.machine.frames.counts().preserved == 4);

    const Endpoint stranger{8, 1};
    f.machine.kernel.add(stranger, of_service(9));
    REQUIRE(f.create(stranger, endpoints::none, 0, 4) == Status::ok);
    CHECK(f.machine.spaces.find(stranger)->contiguous->base != block);
    REQUIRE(f.create(second, endpoints::none, 0, 4) == Status::ok);
    CHECK(f.machine.spaces.find(second)->contiguous->base == block);
    CHECK(f.is_zero(second, contiguous));
}

TEST_CASE("a space that fails for want of memory or budget leaves nothing") {
    Fixture f;
    // A first space makes VM's own slab pages, which stay.
    REQUIRE(f.create(second, endpoints::none, 1, 0) == Status::ok);
    const auto before = f.machine.frames.counts();
    for (std::uint32_t budget = 0; budget < 14; ++budget) {
        CHECK(f.machine.spaces
                  .create({.process = first, .budget_pages = budget, .preserved_pages = 4, .contiguous_pages = 5})
                  .status() == Status::out_of_memory);
        CHECK(f.machine.frames.counts().free == before.free);
        CHECK(f.machine.spaces.find(first) == nullptr);
    }
    CHECK(f.create(first, endpoints::none, 4, 5) == Status::ok);
    CHECK(f.create({6, 1}, endpoints::none, ~0u, 0) == Status::exists);
    const Endpoint third{8, 1};
    f.machine.kernel.add(third);
    const auto with_first = f.machine.frames.counts();
    CHECK(f.create(third, endpoints::none, ~0u, 0) == Status::out_of_memory);
    CHECK(f.create(third, endpoints::none, 0, ~0u) == Status::out_of_memory);
    CHECK(f.create(third, endpoints::none, 0, 100'000) == Status::out_of_memory);
    CHECK(f.machine.frames.counts().free == with_first.free);
}

TEST_CASE("a failed inheritance leaves the memory where it was") {
    Fixture f;
    REQUIRE(f.create(first, endpoints::none, 3, 4) == Status::ok);
    std::memset(f.machine.memory_of(first, preserved), 0x44, page_bytes);
    const auto before = f.machine.frames.counts();
    for (std::uint32_t budget = 0; budget < 12; ++budget) {
        CHECK(f.machine.spaces
                  .create({.process = second,
                           .inherit_from = first,
                           .budget_pages = budget,
                           .preserved_pages = 3,
                           .contiguous_pages = 4})
                  .status() == Status::out_of_memory);
        CHECK(*f.machine.memory_of(first, preserved) == std::byte{0x44});
        CHECK(f.machine.frames.counts().free == before.free);
    }
    CHECK(f.create(second, first, 3, 4) == Status::ok);
    CHECK(*f.machine.memory_of(second, preserved) == std::byte{0x44});
}
