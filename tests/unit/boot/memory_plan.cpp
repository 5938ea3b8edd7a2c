// SPDX-License-Identifier: BSD-3-Clause
#include "boot/memory_plan.h"
#include "kernel/abi/user_layout.h"
#include <catch2/catch.hpp>
#include <random>
#include <vector>

using namespace tessera;
using boot::MemoryPlan;

namespace {

constexpr std::uint64_t usable_end = user_layout::physical_view_bytes;

// Physical memory as a kind for each page, of two stretches: the low one and the one around the end of what is usable.
class PageMap {
public:
    static constexpr std::size_t low_pages = 2048, high_pages = 512, pages = low_pages + high_pages;

    static std::uint64_t address(std::size_t page) {
        return page < low_pages ? page * page_bytes : usable_end + (page - low_pages) * page_bytes - 256 * page_bytes;
    }
    // What the firmware's ranges leave: whole pages of one free range that nothing else touches.
    explicit PageMap(std::span<const MemoryRange> reported) : kinds_(pages, MemoryKind::reserved) {
        for (std::size_t page = 1; page < pages && address(page) < usable_end; ++page) {
            bool free = false, taken = false;
            for (const MemoryRange& range : reported) {
                const bool covers = begin(range) <= address(page) && end(range) >= address(page) + page_bytes;
                const bool touches = begin(range) < address(page) + page_bytes && end(range) > address(page);
                if (range.kind == MemoryKind::free)
                    free |= covers;
                else
                    taken |= touches && range.bytes != 0;
            }
            if (free && !taken) kinds_[page] = MemoryKind::free;
        }
    }
    // As the plan describes the same pages.
    explicit PageMap(const MemoryPlan& plan) : kinds_(pages, MemoryKind::reserved) {
        for (std::size_t page = 0; page < pages; ++page)
            for (const MemoryRange& range : plan.ranges())
                if (range.base.value <= address(page) && address(page) < range.base.value + range.bytes)
                    kinds_[page] = range.kind;
    }

    MemoryKind& operator[](std::size_t page) { return kinds_[page]; }
    bool operator==(const PageMap&) const = default;
    bool within(const PageMap& other) const { // nothing is free here that is not free there
        for (std::size_t page = 0; page < pages; ++page)
            if (kinds_[page] == MemoryKind::free && other.kinds_[page] != MemoryKind::free) return false;
        return true;
    }

private:
    static unsigned __int128 begin(const MemoryRange& range) { return range.base.value; }
    static unsigned __int128 end(const MemoryRange& range) { return begin(range) + range.bytes; }

    std::vector<MemoryKind> kinds_;
};

bool well_formed(const MemoryPlan& plan) {
    std::uint64_t last = page_bytes;
    for (const MemoryRange& range : plan.ranges()) {
        if (range.base.value < last || range.bytes == 0) return false;
        if (!range.base.page_aligned() || range.bytes % page_bytes != 0) return false;
        last = range.base.value + range.bytes;
        if (last > usable_end) return false;
    }
    return plan.ranges().size() <= memory_range_limit;
}

class RandomRanges {
public:
    explicit RandomRanges(std::uint32_t seed) : random_(seed) {}

    std::uint64_t below(std::uint64_t limit) { return random_() % limit; }
    MemoryRange range() {
        const std::uint64_t odd = below(2) == 0 ? 0 : below(page_bytes);
        MemoryRange result{{PageMap::address(below(PageMap::pages)) + odd}, 0, MemoryKind::free, 0};
        if (below(20) == 0) result.base.value = ~0ull - below(3 * page_bytes);
        result.bytes = below(3) == 0 ? below(3 * page_bytes) : below(400) * page_bytes + odd;
        if (below(30) == 0) result.bytes = ~0ull - below(page_bytes);
        if (below(3) == 0) result.kind = MemoryKind::reserved;
        return result;
    }
    std::vector<MemoryRange> ranges(std::size_t count) {
        std::vector<MemoryRange> all;
        while (all.size() < count) all.push_back(range());
        return all;
    }

private:
    std::mt19937_64 random_;
};

MemoryRange free_range(std::uint64_t base, std::uint64_t bytes) { return {{base}, bytes, MemoryKind::free, 0}; }
MemoryRange reserved_range(std::uint64_t base, std::uint64_t bytes) { return {{base}, bytes, MemoryKind::reserved, 0}; }

struct Piece {
    std::uint64_t base, bytes;
    MemoryKind kind;
    bool operator==(const Piece&) const = default;
};
std::vector<Piece> pieces(const MemoryPlan& plan) {
    std::vector<Piece> all;
    for (const MemoryRange& range : plan.ranges()) all.push_back({range.base.value, range.bytes, range.kind});
    return all;
}

} // namespace

TEST_CASE("a plan is sorted, merged, in whole pages, without the first page") {
    const std::array reported{free_range(0x50'0800, 0x1'0000), free_range(0, 0x9'fc00), free_range(0x10'0000, 0x8000),
                              free_range(0x10'4000, 0x8000), free_range(0x10'c000, 0x1000)};
    const MemoryPlan plan{reported};
    CHECK(pieces(plan) == std::vector<Piece>{{0x1000, 0x9'e000, MemoryKind::free},
                                             {0x10'0000, 0xd000, MemoryKind::free},
                                             {0x50'1000, 0xf000, MemoryKind::free}});
    CHECK(plan.ram_bytes() == 0x9'e000 + 0xd000 + 0xf000);
    CHECK(plan.ram_end() == PhysicalAddress{0x51'0000});
}

TEST_CASE("what any range calls reserved is reserved, to the page") {
    const std::array reported{reserved_range(0x10'2fff, 2), free_range(0x10'0000, 0x10000),
                              reserved_range(0x10'8000, 0x1000), reserved_range(0x10'c000, 0)};
    CHECK(pieces(MemoryPlan{reported}) == std::vector<Piece>{{0x10'0000, 0x2000, MemoryKind::free},
                                                             {0x10'4000, 0x4000, MemoryKind::free},
                                                             {0x10'9000, 0x7000, MemoryKind::free}});
}

TEST_CASE("memory beyond the end of VM's view is left unused") {
    const std::array reported{free_range(usable_end - 0x2000, 0x10'0000), free_range(usable_end + 0x10'0000, 0x1000)};
    CHECK(pieces(MemoryPlan{reported}) == std::vector<Piece>{{usable_end - 0x2000, 0x2000, MemoryKind::free}});
}

TEST_CASE("a range at the end of the address space does not wrap around to all memory") {
    const std::array reported{free_range(~0ull - 0x7ff, 0x800), free_range(~0ull - 0xfff, ~0ull)};
    CHECK(MemoryPlan{reported}.ranges().empty());
}

TEST_CASE("no memory is a plan too") {
    const MemoryPlan plan{{}};
    CHECK(plan.ranges().empty());
    CHECK(plan.ram_end() == PhysicalAddress{});
    CHECK(plan.ram_bytes() == 0);
    CHECK(plan.largest_free_below({~0ull}).bytes == 0);
}

TEST_CASE("claims cut a free range, and nothing is claimed twice") {
    const std::array reported{free_range(0x10'0000, 0x10'0000)};
    MemoryPlan plan{reported};
    CHECK(plan.claim({0x12'0000}, 0x1000, MemoryKind::kernel).has_value());
    CHECK(plan.claim({0x10'0000}, 0x800, MemoryKind::boot_archive).has_value());
    CHECK(plan.claim({0x1f'fffe}, 2, MemoryKind::vm_image).has_value());
    CHECK(pieces(plan) == std::vector<Piece>{{0x10'0000, 0x1000, MemoryKind::boot_archive},
                                             {0x10'1000, 0x1'f000, MemoryKind::free},
                                             {0x12'0000, 0x1000, MemoryKind::kernel},
                                             {0x12'1000, 0xd'e000, MemoryKind::free},
                                             {0x1f'f000, 0x1000, MemoryKind::vm_image}});
    const auto refused = [&](std::uint64_t base, std::uint64_t bytes) {
        return plan.claim({base}, bytes, MemoryKind::kernel).status();
    };
    CHECK(refused(0x12'0000, 1) == Status::invalid);      // claimed
    CHECK(refused(0x11'f000, 0x1001) == Status::invalid); // runs into what is claimed
    CHECK(refused(0x20'0000, 0x1000) == Status::invalid); // no RAM
    CHECK(refused(0xf'f000, 0x3000) == Status::invalid);  // begins before RAM
    CHECK(refused(0x12'2000, 0) == Status::invalid);      // nothing
    CHECK(refused(0x12'2000, ~0ull) == Status::invalid);  // wraps around
    CHECK(refused(~0ull, 0x1000) == Status::invalid);
    CHECK(plan.ram_bytes() == 0x10'0000);
}

TEST_CASE("a plan without room for two more pieces refuses claims") {
    std::vector<MemoryRange> reported;
    for (std::uint64_t i = 1; i < memory_range_limit; ++i) reported.push_back(free_range(i * 0x10'0000, 0x4000));
    MemoryPlan plan{reported};
    REQUIRE(plan.ranges().size() == memory_range_limit - 1);
    CHECK(plan.claim({0x10'1000}, 0x1000, MemoryKind::kernel).status() == Status::no_space);
    CHECK(well_formed(plan));
}

TEST_CASE("the largest free range below a limit") {
    const std::array reported{free_range(0x10'0000, 0x4000), free_range(0x20'0000, 0x8000),
                              free_range(0x30'0000, 0x10'0000)};
    MemoryPlan plan{reported};
    const auto largest = [&](std::uint64_t limit) {
        const MemoryRange range = plan.largest_free_below({limit});
        return std::pair{range.base.value, range.bytes};
    };
    CHECK(largest(~0ull) == std::pair<std::uint64_t, std::uint64_t>{0x30'0000, 0x10'0000});
    CHECK(largest(0x30'4000) == std::pair<std::uint64_t, std::uint64_t>{0x20'0000, 0x8000});
    CHECK(largest(0x20'1000) == std::pair<std::uint64_t, std::uint64_t>{0x10'0000, 0x4000});
    CHECK(largest(0x10'0000).second == 0);
    REQUIRE(plan.claim({0x30'0000}, 0x10'0000, MemoryKind::kernel).has_value());
    CHECK(largest(~0ull) == std::pair<std::uint64_t, std::uint64_t>{0x20'0000, 0x8000});
}

TEST_CASE("any ranges and claims give the same pages as a map of single pages") {
    constexpr std::array kinds{MemoryKind::kernel, MemoryKind::boot_archive, MemoryKind::vm_image};
    for (std::uint32_t seed = 0; seed < 400; ++seed) {
        RandomRanges random{seed};
        const auto reported = random.ranges(1 + random.below(12));
        MemoryPlan plan{reported};
        PageMap model{reported};
        INFO("seed " << seed);
        REQUIRE(well_formed(plan));
        REQUIRE(PageMap{plan} == model);

        for (int claim = 0; claim < 8; ++claim) {
            const std::size_t first = random.below(PageMap::low_pages - 16), count = 1 + random.below(16);
            const std::uint64_t odd = random.below(page_bytes);
            bool all_free = true;
            for (std::size_t page = first; page < first + count; ++page) all_free &= model[page] == MemoryKind::free;
            const MemoryKind kind = kinds[random.below(kinds.size())];
            const PhysicalAddress base{PageMap::address(first) + odd};
            const auto done = plan.claim(base, count * page_bytes - odd - random.below(page_bytes - odd), kind);
            REQUIRE(done.status() == (all_free ? Status::ok : Status::invalid));
            if (all_free)
                for (std::size_t page = first; page < first + count; ++page) model[page] = kind;
        }
        REQUIRE(well_formed(plan));
        REQUIRE(PageMap{plan} == model);
    }
}

TEST_CASE("more pieces than fit are left out, never made up") {
    for (std::uint32_t seed = 0; seed < 20; ++seed) {
        RandomRanges random{seed};
        std::vector<MemoryRange> reported;
        for (std::size_t i = 0; i < 300; ++i)
            reported.push_back(free_range(random.below(PageMap::low_pages) * page_bytes, random.below(3) * page_bytes));
        for (std::size_t i = 0; i < 40; ++i)
            reported.push_back(reserved_range(random.below(PageMap::low_pages) * page_bytes, random.below(2000)));
        const MemoryPlan plan{reported};
        INFO("seed " << seed);
        REQUIRE(well_formed(plan));
        REQUIRE(plan.ranges().size() > memory_range_limit / 2);
        REQUIRE(PageMap{plan}.within(PageMap{reported}));
    }
}
