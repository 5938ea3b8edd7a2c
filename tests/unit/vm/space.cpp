// SPDX-License-Identifier: BSD-3-Clause
#include "servers/vm/space.h"
#include "kernel/abi/user_layout.h"
#include "tests/unit/vm/machine.h"
#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

using namespace tessera;
using vm::Access;
using vm::AddressRange;
using vm::PageAccess;
using vm::Region;
using vm::Resolution;
using vm::Space;

namespace {

constexpr Endpoint process{5, 1};
constexpr VirtualAddress base = user_layout::anonymous;

constexpr AddressRange pages(std::uint64_t first, std::uint64_t end) {
    return {base + first * page_bytes, base + end * page_bytes};
}
constexpr VirtualAddress page(std::uint64_t number) { return base + number * page_bytes; }

struct Fixture {
    explicit Fixture(std::uint32_t budget = 200) {
        machine.kernel.add(process);
        REQUIRE(machine.spaces.create({.process = process, .budget_pages = budget}).has_value());
    }
    Space& space() { return *machine.spaces.space(process); }
    Region anonymous(AddressRange range, PageAccess access = PageAccess::read_write) const {
        return {.range = range, .access = access, .type = &machine.types.anonymous};
    }
    void touch(AddressRange range) {
        for (VirtualAddress at = range.start; at < range.end; at = at + page_bytes)
            REQUIRE(space().resolve(at, Access::read).has_value());
    }
    void bind() { REQUIRE(space().bind({0x400000}, {0x500000}).has_value()); }

    tests::Machine machine;
};

} // namespace

TEST_CASE("a page comes zeroed at its first access") {
    Fixture f;
    REQUIRE(f.space().map(f.anonymous(pages(0, 4))).has_value());
    CHECK(f.machine.translate(process, page(1)).empty());
    CHECK(*f.space().resolve(page(1) + 123, Access::write) == Resolution::supplied);
    const auto entry = f.machine.translate(process, page(1));
    CHECK(entry.access() == PageAccess::read_write);
    const auto* memory = f.machine.memory_of(process, page(1));
    CHECK(std::all_of(memory, memory + page_bytes, [](std::byte b) { return b == std::byte{0}; }));
    CHECK(*f.space().resolve(page(1), Access::write) == Resolution::was_there);
    CHECK(f.space().resident_pages() == 1);
    CHECK(f.space().resident_pages(pages(0, 4)) == 1);
    CHECK(f.machine.counts_are_exact());
}

TEST_CASE("accesses that no region allows are refused") {
    Fixture f;
    REQUIRE(f.space().map(f.anonymous(pages(0, 1), PageAccess::read)).has_value());
    REQUIRE(f.space().map(f.anonymous(pages(1, 2), PageAccess::none)).has_value());
    REQUIRE(f.space().map(f.anonymous(pages(2, 3), PageAccess::read_execute)).has_value());
    CHECK(f.space().resolve(page(0), Access::write).status() == Status::bad_address);
    CHECK(f.space().resolve(page(0), Access::execute).status() == Status::bad_address);
    CHECK(f.space().resolve(page(1), Access::read).status() == Status::bad_address);
    CHECK(f.space().resolve(page(2), Access::write).status() == Status::bad_address);
    CHECK(f.space().resolve(page(3), Access::read).status() == Status::bad_address);
    CHECK(f.space().resolve({0}, Access::read).status() == Status::bad_address);
    CHECK(f.space().resolve(page(2), Access::execute).has_value());
    CHECK(f.machine.translate(process, page(2)).access() == PageAccess::read_execute);
    CHECK(f.space().resident_pages() == 1);
}

TEST_CASE("unmapping gives back pages and tables") {
    Fixture f;
    const auto before = f.machine.frames.counts();
    REQUIRE(f.space().map(f.anonymous(pages(0, 10))).has_value());
    f.touch(pages(0, 10));
    CHECK(f.space().table_pages() == 5);
    REQUIRE(f.space().unmap(pages(2, 4)).has_value());
    CHECK(f.machine.translate(process, page(2)).empty());
    CHECK_FALSE(f.machine.translate(process, page(4)).empty());
    CHECK(f.space().resident_pages() == 8);
    REQUIRE(f.space().unmap(pages(0, 100)).has_value());
    CHECK(f.space().resident_pages() == 0);
    CHECK(f.space().table_pages() == 3);
    CHECK(f.machine.frames.counts().process == before.process);
    CHECK(f.machine.frames.counts().page_tables == before.page_tables);
    CHECK(f.space().budget().left() == 197);
}

TEST_CASE("frames are free only after the flush") {
    Fixture f;
    REQUIRE(f.space().map(f.anonymous(pages(0, 4))).has_value());
    f.touch(pages(0, 4));
    f.bind();
    const auto in_use = [&] {
        const auto counts = f.machine.frames.counts();
        return counts.process + counts.page_tables;
    };
    const auto before = in_use();
    f.machine.kernel.on_flush = [&] {
        CHECK(in_use() == before);
        CHECK(f.machine.translate(process, page(0)).empty());
    };
    REQUIRE(f.space().unmap(pages(0, 4)).has_value());
    CHECK(f.machine.kernel.flushed == std::vector{process});
    CHECK(in_use() == before - 6);                     // with two tables
    REQUIRE(f.space().unmap(pages(0, 4)).has_value()); // nothing there: nothing to flush
    CHECK(f.machine.kernel.flushed.size() == 1);
}

TEST_CASE("unmapping device registers flushes too, though no frame is freed") {
    Fixture f;
    f.bind();
    const AddressRange two{user_layout::devices, user_layout::devices + 2 * page_bytes};
    REQUIRE(f.space()
                .map({.range = two,
                      .access = PageAccess::read_write,
                      .type = &f.machine.types.device,
                      .backing = {0xfeb0'0000}})
                .has_value());
    REQUIRE(f.space().populate(two).has_value());
    const auto entry = f.machine.translate(process, two.start + page_bytes);
    CHECK(entry.address() == PhysicalAddress{0xfeb0'1000});
    CHECK(entry.uncached());
    CHECK_FALSE(entry.executable());
    CHECK(f.space().resident_pages() == 0); // nobody's memory
    REQUIRE(f.space().unmap({two.start, two.start + page_bytes}).has_value());
    CHECK(f.machine.kernel.flushed.size() == 1);
    CHECK(f.machine.translate(process, two.start).empty());
    CHECK_FALSE(f.machine.translate(process, two.start + page_bytes).empty());
}

TEST_CASE("mapping over something replaces it") {
    Fixture f;
    REQUIRE(f.space().map(f.anonymous(pages(0, 10))).has_value());
    f.touch(pages(0, 10));
    std::memset(f.machine.memory_of(process, page(5)), 0x77, page_bytes);
    REQUIRE(f.space().map_over(f.anonymous(pages(4, 8), PageAccess::read)).has_value());
    CHECK(f.space().regions().size() == 4);
    CHECK(f.space().resident_pages() == 6);
    CHECK(f.space().resolve(page(5), Access::write).status() == Status::bad_address);
    CHECK(*f.space().resolve(page(5), Access::read) == Resolution::supplied);
    CHECK(*f.machine.memory_of(process, page(5)) == std::byte{0});
}

TEST_CASE("memory that its process cannot unmap stays") {
    Fixture f;
    const AddressRange range{user_layout::preserved, user_layout::preserved + page_bytes};
    REQUIRE(f.space()
                .map({.range = range, .access = PageAccess::read_write, .type = &f.machine.types.preserved})
                .has_value());
    CHECK(f.space().unmap(range).status() == Status::invalid);
    CHECK(f.space().unmap({{0}, user_layout::end}).status() == Status::invalid);
    CHECK(f.space().map_over(f.anonymous(range)).status() == Status::invalid);
    CHECK(f.space().protect(range, PageAccess::read).status() == Status::access_denied);
    CHECK(f.space().regions().size() == 2);
}

TEST_CASE("protection changes pages that are there and those that come later") {
    Fixture f;
    REQUIRE(f.space().map(f.anonymous(pages(0, 8))).has_value());
    f.touch(pages(0, 4));
    f.bind();
    std::memset(f.machine.memory_of(process, page(2)), 0x42, page_bytes);
    REQUIRE(f.space().protect(pages(2, 6), PageAccess::read).has_value());
    CHECK(f.machine.kernel.flushed.size() == 1);
    CHECK(f.machine.translate(process, page(1)).access() == PageAccess::read_write);
    CHECK(f.machine.translate(process, page(2)).access() == PageAccess::read);
    CHECK(f.space().resolve(page(5), Access::write).status() == Status::bad_address);

    // Without access the contents wait.
    REQUIRE(f.space().protect(pages(2, 3), PageAccess::none).has_value());
    CHECK(f.machine.translate(process, page(2)).empty());
    CHECK(f.space().resolve(page(2), Access::read).status() == Status::bad_address);
    REQUIRE(f.space().protect(pages(0, 8), PageAccess::read_write).has_value());
    CHECK(*f.machine.memory_of(process, page(2)) == std::byte{0x42});
    CHECK(f.space().regions().size() == 2);
}

TEST_CASE("a hole in a range to protect is an error and nothing changes") {
    Fixture f;
    REQUIRE(f.space().map(f.anonymous(pages(0, 4))).has_value());
    REQUIRE(f.space().map(f.anonymous(pages(5, 8))).has_value());
    CHECK(f.space().protect(pages(0, 8), PageAccess::read).status() == Status::out_of_memory);
    CHECK(f.space().protect(pages(3, 5), PageAccess::read).status() == Status::out_of_memory);
    CHECK(f.space().protect(pages(6, 9), PageAccess::read).status() == Status::out_of_memory);
    CHECK(f.space().protect(pages(20, 21), PageAccess::read).status() == Status::out_of_memory);
    CHECK(f.space().resolve(page(0), Access::write).has_value());
}

TEST_CASE("the budget counts pages and page tables") {
    Fixture f(8); // the tables of the clock page are three
    REQUIRE(f.space().map(f.anonymous(pages(0, 10))).has_value());
    const auto free = f.machine.frames.counts().free;
    CHECK(f.space().resolve(page(0), Access::read).has_value()); // a page and two tables
    CHECK(f.space().resolve(page(1), Access::read).has_value());
    CHECK(f.space().resolve(page(2), Access::read).has_value());
    CHECK(f.space().resolve(page(3), Access::read).status() == Status::out_of_memory);
    CHECK(f.machine.frames.counts().free == free - 5);
    REQUIRE(f.space().unmap(pages(2, 3)).has_value());
    CHECK(f.space().resolve(page(3), Access::read).has_value());
}

TEST_CASE("running out while tables are made leaves nothing behind") {
    for (std::uint32_t budget = 3; budget < 6; ++budget) {
        Fixture f(budget);
        const auto before = f.machine.frames.counts();
        REQUIRE(f.space().map(f.anonymous(pages(0, 1))).has_value());
        CHECK(f.space().resolve(page(0), Access::read).status() == Status::out_of_memory);
        CHECK(f.space().table_pages() == 3);
        CHECK(f.space().resident_pages() == 0);
        CHECK(f.space().budget().left() == budget - 3);
        CHECK(f.machine.frames.counts().process == before.process);
        CHECK(f.machine.frames.counts().page_tables == before.page_tables);
    }
}

TEST_CASE("no mapping is ever writable and executable, under random use, and all comes back") {
    std::mt19937 random(23);
    tests::Machine machine;
    machine.kernel.add(process);
    const auto before = machine.frames.counts();
    bool sane = true;
    {
        REQUIRE(machine.spaces.create({.process = process, .budget_pages = 300}).has_value());
        Space& space = *machine.spaces.space(process);
        REQUIRE(space.bind({0x400000}, {0x500000}).has_value());
        for (int i = 0; i < 30'000; ++i) {
            // Sparse enough that tables come and go.
            const std::uint64_t first = random() % 64 * (random() % 2 == 0 ? 1 : 512);
            const AddressRange range = pages(first, first + 1 + random() % 24);
            const auto access = static_cast<PageAccess>(random() % 4);
            switch (random() % 6) {
            case 0:
                (void)space.map_over({.range = range, .access = access, .type = &machine.types.anonymous});
                break;
            case 1:
                (void)space.unmap(range);
                break;
            case 2:
                (void)space.protect(range, access);
                break;
            default:
                (void)space.resolve(range.start, static_cast<Access>(random() % 3));
            }
            const auto entry = machine.translate(process, range.start);
            const auto* region = space.regions().containing(range.start);
            sane = sane && (entry.empty() || (region != nullptr && entry.access() == region->access));
            sane = sane && !(entry.present() && entry.writable() && entry.executable());
            if (i % 128 == 0)
                sane = sane && machine.counts_are_exact() &&
                       space.resident_pages() == space.resident_pages({{0}, user_layout::clock}) &&
                       space.budget().limit() - space.budget().left() == space.resident_pages() + space.table_pages();
        }
    }
    CHECK(sane);
    REQUIRE(machine.spaces.destroy(process).has_value());
    CHECK(machine.frames.counts().free == before.free);
}
