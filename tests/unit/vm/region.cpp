// SPDX-License-Identifier: BSD-3-Clause
#include "servers/vm/region.h"
#include "servers/vm/memory_type.h"
#include "tests/unit/vm/machine.h"
#include <catch2/catch.hpp>
#include <random>

using namespace tessera;
using vm::AddressRange;
using vm::PageAccess;
using vm::Region;
using vm::RegionMap;

namespace {

constexpr VirtualAddress base{0x10'0000'0000};

constexpr AddressRange pages(std::uint64_t first, std::uint64_t end) {
    return {base + first * page_bytes, base + end * page_bytes};
}

struct Fixture {
    tests::Machine machine;
    RegionMap map{machine.regions};

    Region region(AddressRange range, PageAccess access = PageAccess::read_write) const {
        return {.range = range, .access = access, .type = &machine.types.anonymous};
    }
    void insert(AddressRange range, PageAccess access = PageAccess::read_write) {
        REQUIRE(map.insert(region(range, access)).has_value());
    }
    void remove(AddressRange range) {
        REQUIRE(map.split_around(range).has_value());
        map.erase(range);
    }
    std::vector<AddressRange> ranges() const {
        std::vector<AddressRange> result;
        for (auto* at = map.ending_above({0}); at != nullptr; at = RegionMap::next(*at)) result.push_back(at->range);
        return result;
    }
};

} // namespace

TEST_CASE("page ranges are checked before they are ranges") {
    constexpr VirtualAddress limit{0x80'0000'0000};
    CHECK(vm::page_range({0x1000}, 1, limit) == AddressRange{{0x1000}, {0x2000}});
    CHECK(vm::page_range({0x1000}, 0, limit)->empty());
    CHECK(vm::page_range({0}, limit.value, limit) == AddressRange{{0}, limit});
    CHECK_FALSE(vm::page_range({0x1001}, 1, limit));
    CHECK_FALSE(vm::page_range({0x1000}, limit.value, limit));
    CHECK_FALSE(vm::page_range({0x1000}, ~0ull, limit));
    CHECK_FALSE(vm::page_range(limit + page_bytes, 0, limit));
    CHECK_FALSE(vm::page_range({~0xfffull}, 0x2000, limit));
}

TEST_CASE("regions that meet and are alike become one") {
    Fixture f;
    f.insert(pages(0, 2));
    f.insert(pages(4, 6));
    f.insert(pages(2, 4));
    CHECK(f.ranges() == std::vector{pages(0, 6)});
    f.insert(pages(6, 7), PageAccess::read);
    CHECK(f.ranges() == std::vector{pages(0, 6), pages(6, 7)});
    CHECK(f.map.bytes() == 7 * page_bytes);
}

TEST_CASE("device regions stay apart and keep their backing when they are split") {
    Fixture f;
    for (const std::uint64_t i : {0u, 1u})
        REQUIRE(f.map
                    .insert({.range = pages(i * 4, i * 4 + 4),
                             .access = PageAccess::read_write,
                             .type = &f.machine.types.device,
                             .backing = {0xfeb0'0000 + i * 4 * page_bytes}})
                    .has_value());
    CHECK(f.map.size() == 2);
    f.remove(pages(1, 2));
    CHECK(f.ranges() == std::vector{pages(0, 1), pages(2, 4), pages(4, 8)});
    CHECK(f.map.containing(pages(3, 4).start)->backing_of(pages(3, 4).start) == PhysicalAddress{0xfeb0'3000});
}

TEST_CASE("a range is removed whatever it touches") {
    Fixture f;
    f.insert(pages(0, 10));
    f.remove(pages(3, 5));
    CHECK(f.ranges() == std::vector{pages(0, 3), pages(5, 10)});
    f.remove(pages(0, 1));
    f.remove(pages(9, 20));
    CHECK(f.ranges() == std::vector{pages(1, 3), pages(5, 9)});
    f.remove(pages(2, 6));
    CHECK(f.ranges() == std::vector{pages(1, 2), pages(6, 9)});
    f.remove(pages(2, 6));
    CHECK(f.map.bytes() == 4 * page_bytes);
    f.map.clear();
    CHECK(f.machine.regions.objects() == 0);
}

TEST_CASE("gaps are found lowest first") {
    Fixture f;
    const AddressRange window = pages(10, 30);
    CHECK(f.map.gap(20 * page_bytes, window) == pages(10, 30));
    CHECK_FALSE(f.map.gap(21 * page_bytes, window));
    f.insert(pages(5, 12)); // over the start of the window
    CHECK(f.map.gap(page_bytes, window) == pages(12, 13));
    f.insert(pages(14, 20));
    CHECK(f.map.gap(2 * page_bytes, window) == pages(12, 14));
    CHECK(f.map.gap(3 * page_bytes, window) == pages(20, 23));
    f.insert(pages(22, 40));
    CHECK_FALSE(f.map.gap(3 * page_bytes, window));
    CHECK(f.map.free(pages(12, 14)));
    CHECK_FALSE(f.map.free(pages(12, 15)));
    CHECK_FALSE(f.map.free(pages(11, 12)));
}

TEST_CASE("a space has a bounded number of regions") {
    Fixture f;
    for (std::uint64_t i = 0; i < RegionMap::region_limit; ++i) f.insert(pages(2 * i, 2 * i + 1));
    CHECK(f.map.insert(f.region(pages(100'000, 100'001))).status() == Status::out_of_memory);
    f.map.clear();
    CHECK(f.machine.counts_are_exact());
}

TEST_CASE("a split that fails changes nothing that matters") {
    Fixture f;
    f.insert(pages(0, 10));
    const auto before = f.machine.regions.objects();
    while (f.machine.frames.allocate(vm::FrameUse::vm_own).has_value()) {
    }
    std::vector<Region*> all;
    while (auto* region = f.machine.regions.create(f.region(pages(90, 91)))) all.push_back(region);
    CHECK(f.map.split_around(pages(3, 5)).status() == Status::out_of_memory);
    CHECK(f.ranges() == std::vector{pages(0, 10)});
    f.machine.regions.destroy(*all.back()); // room for one of the two
    CHECK(f.map.split_around(pages(3, 5)).status() == Status::out_of_memory);
    CHECK(f.ranges() == std::vector{pages(0, 10)});
    CHECK(f.map.bytes() == 10 * page_bytes);
    CHECK(f.machine.regions.objects() == before + all.size() - 1);
}

TEST_CASE("random use agrees with a table of pages") {
    constexpr std::uint64_t count = 200;
    Fixture f;
    std::vector<std::optional<PageAccess>> model(count);
    std::mt19937 random(11);
    bool agree = true;
    for (int i = 0; i < 60'000 && agree; ++i) {
        const std::uint64_t first = random() % count;
        const std::uint64_t end = first + 1 + random() % std::min<std::uint64_t>(count - first, 20);
        const auto access = static_cast<PageAccess>(random() % 3);
        switch (random() % 3) {
        case 0: { // over what is there
            Region* made = *f.map.make(f.region(pages(first, end), access));
            f.remove(pages(first, end));
            f.map.put(*made);
            std::fill(model.begin() + first, model.begin() + end, access);
            break;
        }
        case 1:
            f.remove(pages(first, end));
            std::fill(model.begin() + first, model.begin() + end, std::nullopt);
            break;
        default:
            REQUIRE(f.map.split_around(pages(first, end)).has_value());
            f.map.set_access(pages(first, end), access);
            f.map.join_around(pages(first, end));
            for (std::uint64_t page = first; page < end; ++page)
                if (model[page]) model[page] = access;
        }
        const VirtualAddress probe = base + random() % count * page_bytes;
        const Region* found = f.map.containing(probe);
        const auto& known = model[(probe - base) / page_bytes];
        agree = known ? found != nullptr && found->access == *known : found == nullptr;
        if (i % 32 != 0) continue;

        std::uint64_t covered = 0;
        std::uint64_t runs = 0;
        for (std::uint64_t page = 0; page < count; ++page) {
            if (!model[page]) continue;
            ++covered;
            if (page == 0 || model[page - 1] != model[page]) ++runs;
        }
        agree = agree && f.map.bytes() == covered * page_bytes;
        agree = agree && f.map.size() == runs; // all that could be joined is
    }
    CHECK(agree);
}
