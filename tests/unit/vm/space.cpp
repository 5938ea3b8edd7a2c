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

namespace {

constexpr Endpoint child{6, 1};

struct ForkFixture : Fixture {
    ForkFixture() {
        REQUIRE(space().map(anonymous(pages(0, 8))).has_value());
        for (std::uint64_t i = 0; i < 4; ++i) put(process, i, 10 + i);
        bind();
        machine.kernel.add(child);
    }
    Status fork() { return machine.spaces.fork(*machine.spaces.find(process), child).status(); }
    Space& other() { return *machine.spaces.space(child); }
    void put(Endpoint of, std::uint64_t number, std::uint64_t value) {
        REQUIRE(machine.spaces.space(of)->resolve(page(number), Access::write).has_value());
        REQUIRE(machine.translate(of, page(number)).writable());
        *machine.memory_of(of, page(number)) = static_cast<std::byte>(value);
    }
    int get(Endpoint of, std::uint64_t number) {
        REQUIRE(machine.spaces.space(of)->resolve(page(number), Access::read).has_value());
        return std::to_integer<int>(*machine.memory_of(of, page(number)));
    }
};

} // namespace

TEST_CASE("fork: both have the same pages until one of them writes") {
    ForkFixture f;
    const auto before = f.machine.frames.counts().process;
    REQUIRE(f.fork() == Status::ok);
    CHECK(f.machine.kernel.attached == std::vector{child});
    CHECK(f.machine.frames.counts().process == before);
    CHECK(f.space().resident_pages() == 4);
    CHECK(f.other().resident_pages() == 4);
    for (std::uint64_t i = 0; i < 4; ++i) {
        CHECK(f.get(child, i) == static_cast<int>(10 + i));
        CHECK(f.machine.translate(process, page(i)) == f.machine.translate(child, page(i)));
        CHECK(f.machine.translate(process, page(i)).access() == PageAccess::read);
    }
    const bool parent_writes = GENERATE(false, true);
    const Endpoint writer = parent_writes ? process : child;
    const Endpoint reader = parent_writes ? child : process;
    CHECK(*f.machine.spaces.space(writer)->resolve(page(0), Access::write) == Resolution::copied);
    f.put(writer, 0, 99);
    CHECK(f.get(reader, 0) == 10);
    CHECK(f.get(writer, 0) == 99);
    // The other is alone with its page now.
    CHECK(*f.machine.spaces.space(reader)->resolve(page(0), Access::write) == Resolution::made_writable);
    CHECK(f.machine.frames.counts().process == before + 1);
    // What neither had comes for each by itself.
    f.put(writer, 6, 66);
    CHECK(f.get(reader, 6) == 0);
    CHECK(f.machine.counts_are_exact());
}

TEST_CASE("fork: the parent's cached translations go, as it may not write any more") {
    ForkFixture f;
    f.machine.kernel.flushed.clear();
    REQUIRE(f.fork() == Status::ok);
    CHECK(std::ranges::contains(f.machine.kernel.flushed, process));
    f.machine.kernel.flushed.clear();
    REQUIRE(f.other().resolve(page(0), Access::write).has_value());
    CHECK(f.machine.kernel.flushed == std::vector{child}); // it may know the common page
}

TEST_CASE("fork: the child goes, and everything is as before") {
    ForkFixture f;
    const auto before = f.machine.frames.counts();
    REQUIRE(f.fork() == Status::ok);
    f.put(child, 1, 77);
    f.put(child, 7, 78);
    f.machine.kernel.processes.erase(child);
    REQUIRE(f.machine.spaces.destroy(child).has_value());
    const auto after = f.machine.frames.counts();
    CHECK(after.process == before.process);
    CHECK(after.page_tables == before.page_tables);
    for (std::uint64_t i = 0; i < 4; ++i) {
        CHECK(f.get(process, i) == static_cast<int>(10 + i));
        CHECK(*f.space().resolve(page(i), Access::write) == Resolution::made_writable);
    }
    CHECK(f.machine.frames.counts().process == before.process);
}

TEST_CASE("fork: generations of children share and part") {
    ForkFixture f;
    constexpr Endpoint grandchild{7, 1};
    f.machine.kernel.add(grandchild);
    REQUIRE(f.fork() == Status::ok);
    f.put(child, 0, 20);
    REQUIRE(f.machine.spaces.fork(*f.machine.spaces.find(child), grandchild).has_value());
    f.put(process, 1, 31);
    CHECK(f.get(child, 1) == 11);
    CHECK(f.get(grandchild, 1) == 11);
    CHECK(f.machine.frames.references(f.machine.translate(grandchild, page(1)).address()) == 2);
    CHECK(f.machine.frames.references(f.machine.translate(grandchild, page(2)).address()) == 3);
    f.put(grandchild, 0, 40);
    CHECK(f.get(process, 0) == 10);
    CHECK(f.get(child, 0) == 20);
    CHECK(f.get(grandchild, 0) == 40);
}

TEST_CASE("fork: protection holds for the copy, and access that comes later does not uncover it") {
    ForkFixture f;
    REQUIRE(f.space().protect(pages(1, 2), PageAccess::read).has_value());
    REQUIRE(f.space().protect(pages(2, 3), PageAccess::none).has_value());
    REQUIRE(f.fork() == Status::ok);
    CHECK(f.other().resolve(page(1), Access::write).status() == Status::bad_address);
    CHECK(f.other().resolve(page(2), Access::read).status() == Status::bad_address);
    REQUIRE(f.other().protect(pages(0, 4), PageAccess::read_write).has_value());
    CHECK_FALSE(f.machine.translate(child, page(1)).writable());
    CHECK_FALSE(f.machine.translate(child, page(2)).writable());
    f.put(child, 2, 50);
    CHECK(f.get(child, 2) == 50);
    REQUIRE(f.space().protect(pages(2, 3), PageAccess::read).has_value());
    CHECK(f.get(process, 2) == 12);
}

TEST_CASE("fork: what only one process may have refuses it") {
    Fixture f;
    f.machine.kernel.add(child);
    constexpr Endpoint service{9, 1};
    f.machine.kernel.add(service, {.service = {9}});
    const bool contiguous = GENERATE(false, true);
    REQUIRE(f.machine.spaces
                .create({.process = service,
                         .budget_pages = 100,
                         .preserved_pages = contiguous ? 0u : 2u,
                         .contiguous_pages = contiguous ? 2u : 0u})
                .has_value());
    const auto before = f.machine.frames.counts().free;
    CHECK(f.machine.spaces.fork(*f.machine.spaces.find(service), child).status() == Status::invalid);
    CHECK(f.machine.spaces.find(child) == nullptr);
    CHECK(f.machine.frames.counts().free == before);
}

TEST_CASE("fork: a child that died meanwhile, or that has a space, leaves the parent alone") {
    ForkFixture f;
    const auto before = f.machine.frames.counts().free;
    f.machine.kernel.processes.erase(child);
    CHECK(f.fork() == Status::dead_endpoint);
    CHECK(f.machine.spaces.find(child) == nullptr);
    CHECK(f.machine.frames.counts().free == before);
    f.machine.kernel.add(child);
    CHECK(f.fork() == Status::ok);
    CHECK(f.fork() == Status::exists);
}

TEST_CASE("reading a space goes over pages, and brings those that are missing") {
    ForkFixture f;
    std::array<std::byte, 3 * page_bytes> bytes;
    REQUIRE(f.space().read(page(0) + 1, bytes).has_value());
    CHECK(bytes[page_bytes - 1] == std::byte{11});
    CHECK(bytes[2 * page_bytes - 1] == std::byte{12});
    REQUIRE(f.space().read(page(5), bytes).has_value());
    CHECK(f.space().read(page(6), bytes).status() == Status::bad_address);
}
