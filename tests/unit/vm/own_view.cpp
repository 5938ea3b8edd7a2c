// SPDX-License-Identifier: BSD-3-Clause
// The processor's part is FakePaging: what is locked here is read-only for this process.
#include "servers/vm/own_view.h"
#include "tests/unit/vm/machine.h"
#include <catch2/catch.hpp>

using namespace tessera;
using tests::Machine;

namespace {

const std::byte* page_at(const Machine& machine, std::uint64_t number) {
    return machine.frames.view().at({number * page_bytes});
}

} // namespace

TEST_CASE("one page of a large page is locked and unlocked, its neighbours are not touched") {
    Machine m;
    const auto* page = page_at(m, 700);
    REQUIRE(m.own_view.admit(page, "test").has_value());
    m.own_view.lock(page);
    CHECK(m.paging.locked(page));
    CHECK(m.paging.locked_count() == 1);
    m.own_view.unlock(page);
    CHECK(m.paging.locked_count() == 0);
}

TEST_CASE("a large page is split once and each needs one frame") {
    Machine m;
    const auto free = m.frames.counts().free;
    REQUIRE(m.own_view.admit(page_at(m, 100), "test").has_value());
    REQUIRE(m.own_view.admit(page_at(m, 500), "test").has_value());
    CHECK(m.frames.counts().free == free - 1);
    REQUIRE(m.own_view.admit(page_at(m, 600), "test").has_value());
    CHECK(m.frames.counts().free == free - 2);
}

TEST_CASE("a split needs memory, and without it nothing changes") {
    Machine m;
    while (m.frames.allocate(vm::FrameUse::vm_own).has_value()) {
    }
    CHECK(m.own_view.admit(page_at(m, 100), "test").status() == Status::out_of_memory);
    CHECK(m.paging.locked_count() == 0);
}

TEST_CASE("a split large page maps the same memory with the same rights") {
    Machine m;
    REQUIRE(m.own_view.admit(page_at(m, 0), "test").has_value());
    for (const std::uint64_t number : {0ull, 1ull, 300ull, 511ull}) {
        const vm::PageEntry entry = m.translate(endpoints::vm, user_layout::physical_view + number * page_bytes);
        CHECK(entry.address() == PhysicalAddress{number * page_bytes});
        CHECK(entry.access() == vm::PageAccess::read_write);
    }
}

TEST_CASE("without room for the split, a guarded slab has no page and takes none") {
    Machine m(1024, {}, vm::SanityLevel::functions);
    std::uint64_t left = m.frames.counts().free;
    while (left-- > 1) REQUIRE(m.frames.allocate(vm::FrameUse::vm_own).has_value());
    CHECK(m.regions.create() == nullptr);
    CHECK(m.frames.counts().free == 1);
}
