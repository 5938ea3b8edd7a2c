// SPDX-License-Identifier: BSD-3-Clause
#include "servers/vm/free_list.h"
#include "tests/unit/vm/fatal_error.h"
#include "tests/unit/vm/memory_arena.h"
#include "tests/unit/vm/random_run.h"
#include <catch2/catch.hpp>
#include <random>
#include <vector>

using namespace tessera;
using tests::MemoryArena;
using vm::FreeList;

namespace {

constexpr PhysicalAddress no_limit{~0ull};
constexpr PhysicalAddress page(std::uint64_t number) { return {number * page_bytes}; }

// What is free by page, kept the simple way, with both searches written down a second time.
class Model {
public:
    explicit Model(std::uint64_t pages) : free_(pages) {}

    void set(PhysicalAddress base, std::uint64_t pages, bool is_free) {
        for (std::uint64_t i = 0; i < pages; ++i) {
            if (free_[base.value / page_bytes + i] == is_free) FAIL("handed out twice, or given back twice");
            free_[base.value / page_bytes + i] = is_free;
        }
    }
    std::optional<PhysicalAddress> low(std::uint64_t pages, std::uint64_t alignment, std::uint64_t limit_page) const {
        for (std::uint64_t first = 0; first + pages <= std::min<std::uint64_t>(limit_page, free_.size());
             first += alignment / page_bytes)
            if (all_free(first, pages)) return page(first);
        return std::nullopt;
    }
    std::optional<PhysicalAddress> high(std::uint64_t pages) const {
        for (std::uint64_t end = free_.size(); end >= pages; --end)
            if (all_free(end - pages, pages)) return page(end - pages);
        return std::nullopt;
    }
    std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges() const {
        std::vector<std::pair<std::uint64_t, std::uint64_t>> result;
        for (std::uint64_t i = 0; i < free_.size(); ++i) {
            if (!free_[i]) continue;
            if (i > 0 && free_[i - 1])
                ++result.back().second;
            else
                result.emplace_back(i, 1);
        }
        return result;
    }

private:
    bool all_free(std::uint64_t first, std::uint64_t pages) const {
        for (std::uint64_t i = 0; i < pages; ++i)
            if (!free_[first + i]) return false;
        return true;
    }
    std::vector<bool> free_;
};

std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges(const FreeList& list) {
    std::vector<std::pair<std::uint64_t, std::uint64_t>> result;
    for (auto* range = list.ranges().first(); range != nullptr; range = vm::AvlTree<vm::FreeRange>::next(*range))
        result.emplace_back(range->base.value / page_bytes, range->pages);
    return result;
}

} // namespace

TEST_CASE("ordinary requests come from the top, low ones from the bottom") {
    const MemoryArena arena(100);
    FreeList list(arena.view());
    list.give(page(0), 100);
    CHECK(list.free_pages() == 100);
    CHECK(list.take_high(4) == page(96));
    CHECK(list.take_high(1) == page(95));
    CHECK(list.take_low(3, page_bytes, no_limit) == page(0));
    CHECK(list.take_low(3, page_bytes, no_limit) == page(3));
    CHECK(ranges(list) == std::vector<std::pair<std::uint64_t, std::uint64_t>>{{6, 89}});
    CHECK(list.largest() == 89);
    CHECK(list.free_pages() == 89);
}

TEST_CASE("page 0 is a page like any other, and no memory is not a page") {
    const MemoryArena arena(4);
    FreeList list(arena.view());
    CHECK_FALSE(list.take_high(1).has_value());
    CHECK_FALSE(list.take_low(1, page_bytes, no_limit).has_value());
    list.give(page(0), 2);
    CHECK(list.take_low(1, page_bytes, no_limit) == page(0));
    CHECK(list.take_high(1) == page(1));
    CHECK_FALSE(list.take_high(1).has_value());
    CHECK_FALSE(list.take_low(1, page_bytes, no_limit).has_value());
}

TEST_CASE("nothing is not handed out") {
    const MemoryArena arena(8);
    FreeList list(arena.view());
    list.give(page(0), 8);
    CHECK_FALSE(list.take_high(0).has_value());
    CHECK_FALSE(list.take_low(0, page_bytes, no_limit).has_value());
    CHECK_FALSE(list.take_high(9).has_value());
    CHECK_FALSE(list.take_high(~0ull).has_value());
    CHECK_FALSE(list.take_low(~0ull, page_bytes, no_limit).has_value());
    CHECK(list.take_high(8).has_value());
}

TEST_CASE("the limit holds for the end of the piece, and both slacks of an aligned piece stay free") {
    const MemoryArena arena(64);
    FreeList list(arena.view());
    list.give(page(3), 40);
    CHECK_FALSE(list.take_low(1, page_bytes, page(3)).has_value());
    CHECK(list.take_low(1, page_bytes, page(4)) == page(3));
    CHECK_FALSE(list.take_low(8, 16 * page_bytes, page(23)).has_value());
    CHECK(list.take_low(8, 16 * page_bytes, page(24)) == page(16));
    CHECK(ranges(list) == std::vector<std::pair<std::uint64_t, std::uint64_t>>{{4, 12}, {24, 19}});
}

TEST_CASE("what is given back joins its neighbours") {
    const MemoryArena arena(64);
    FreeList list(arena.view());
    list.give(page(0), 10);
    list.give(page(20), 10);
    CHECK(ranges(list).size() == 2);
    list.give(page(10), 10);
    CHECK(ranges(list).size() == 1);
    CHECK(list.free_pages() == 30);
}

TEST_CASE("giving back twice is noticed") {
    const MemoryArena arena(64);
    FreeList list(arena.view());
    list.give(page(0), 10);
    list.give(page(20), 10);
    CHECK_THROWS_AS(list.give(page(2), 1), tests::FatalError);
    CHECK_THROWS_AS(list.give(page(15), 6), tests::FatalError);
    CHECK_THROWS_AS(list.give(page(19), 20), tests::FatalError);
    CHECK_THROWS_AS(list.give(page(29), 1), tests::FatalError);
}

TEST_CASE("every second page of a large memory can be given back") {
    constexpr std::uint64_t pages = 4096;
    const MemoryArena arena(pages);
    FreeList list(arena.view());
    list.give(page(0), pages);
    std::vector<PhysicalAddress> taken;
    while (const auto one = list.take_high(1)) taken.push_back(*one);
    CHECK(list.free_pages() == 0);
    for (std::size_t i = 0; i < taken.size(); i += 2) list.give(taken[i], 1);
    CHECK(list.free_pages() == pages / 2);
    CHECK(list.largest() == 1);
    for (std::size_t i = 1; i < taken.size(); i += 2) list.give(taken[i], 1);
    CHECK(list.largest() == pages);
}

namespace {

void compare_with_bitmap(int operations) {
    std::mt19937 random(tests::seed_or(7));
    for (const std::uint64_t pages : {40u, 300u}) {
        const MemoryArena arena(pages);
        FreeList list(arena.view());
        Model model(pages);
        std::vector<std::pair<PhysicalAddress, std::uint64_t>> taken;
        list.give(page(0), pages);
        model.set(page(0), pages, true);
        bool agree = true;
        for (int i = 0; i < operations / 2 && agree; ++i) {
            const std::uint64_t wanted = 1 + random() % (random() % 8 == 0 ? 16 : 3);
            std::optional<PhysicalAddress> piece;
            switch (random() % 4) {
            case 0:
                piece = list.take_high(wanted);
                agree = piece == model.high(wanted);
                break;
            case 1: {
                const std::uint64_t alignment = std::uint64_t{1} << random() % 4;
                const std::uint64_t limit = random() % (pages + 1);
                piece = list.take_low(wanted, alignment * page_bytes, page(limit));
                agree = piece == model.low(wanted, alignment * page_bytes, limit);
                break;
            }
            default:
                if (taken.empty()) break;
                std::swap(taken[random() % taken.size()], taken.back());
                list.give(taken.back().first, taken.back().second);
                model.set(taken.back().first, taken.back().second, true);
                taken.pop_back();
            }
            if (piece) {
                model.set(*piece, wanted, false);
                taken.emplace_back(*piece, wanted);
            }
            if (i % 64 == 0) agree = agree && ranges(list) == model.ranges();
        }
        CHECK(agree);
        for (const auto& [base, count] : taken) list.give(base, count);
        CHECK(list.free_pages() == pages);
        CHECK(list.largest() == pages);
    }
}

} // namespace

TEST_CASE("random use agrees with a bitmap") { compare_with_bitmap(tests::short_run); }

TEST_CASE("random use agrees with a bitmap: a million operations", "[.][long]") {
    compare_with_bitmap(tests::long_run);
}
