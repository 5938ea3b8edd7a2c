// SPDX-License-Identifier: BSD-3-Clause
// The pages of large values: no two values have a page in common, and what was kept proves itself at the next start.

#include "servers/ds/contents.h"
#include "tests/unit/ds/recording_memory.h"
#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

using namespace tessera;
using namespace tessera::ds;
using test::RecordingMemory;

namespace {

struct Fixture {
    StoredRange keep(std::uint32_t bytes, std::byte value) {
        auto made = contents.make(bytes);
        REQUIRE(made.has_value());
        std::ranges::fill(made->memory(), value);
        return kept(*std::move(made));
    }
    static StoredRange kept(Contents::New made) {
        const StoredRange range = made.range();
        std::move(made).keep();
        return range;
    }
    bool holds(const StoredRange& range, std::byte value) const {
        return std::ranges::all_of(contents[range], [&](std::byte byte) { return byte == value; });
    }

    RecordingMemory memory{Contents::memory_bytes};
    Contents contents{memory, 0};
};

} // namespace

TEST_CASE_METHOD(Fixture, "contents: what is kept stays, what is dropped is free") {
    const StoredRange first = keep(page_bytes + 1, std::byte{1});
    CHECK(contents.free_pages() == Contents::page_count - 2);
    {
        const auto dropped = contents.make(3 * page_bytes);
    }
    CHECK(contents.free_pages() == Contents::page_count - 2);
    const StoredRange second = keep(10, std::byte{2});
    CHECK(holds(first, std::byte{1}));
    CHECK(holds(second, std::byte{2}));
    contents.release(first);
    CHECK(contents.free_pages() == Contents::page_count - 1);
    CHECK(keep(0, std::byte{0}).pages() == 0);
}

TEST_CASE_METHOD(Fixture, "contents: it fills, says so, and takes the lowest hole that is large enough") {
    std::vector<StoredRange> ranges;
    for (std::size_t i = 0; i < Contents::page_count; ++i) ranges.push_back(keep(page_bytes, std::byte{1}));
    CHECK(contents.make(1).status() == Status::no_space);
    contents.release(ranges[7]);
    contents.release(ranges[20]);
    contents.release(ranges[21]);
    CHECK(contents.make(2 * page_bytes)->memory().data() == memory.bytes().data() + 20 * page_bytes);
    CHECK(contents.make(3 * page_bytes).status() == Status::no_space);
    CHECK(keep(1, std::byte{1}).first_page == 7);
}

TEST_CASE_METHOD(Fixture, "contents: a claim is refused for other bytes, another's pages and no pages") {
    const StoredRange kept = keep(5000, std::byte{3});
    contents.clear();
    CHECK(contents.claim(kept));
    CHECK_FALSE(contents.claim(kept)); // it is somebody's now
    contents.clear();
    StoredRange wrong = kept;
    wrong.checksum ^= 1;
    CHECK_FALSE(contents.claim(wrong));
    memory.raw()[4999] ^= std::byte{1};
    CHECK_FALSE(contents.claim(kept));
    CHECK_FALSE(contents.claim({.first_page = Contents::page_count, .bytes = 1}));
    CHECK_FALSE(contents.claim({.first_page = 0xffff'ffff, .bytes = 0xffff'ffff}));
    CHECK(contents.free_pages() == Contents::page_count);
}

TEST_CASE_METHOD(Fixture, "contents: random makes and releases never give a page twice") {
    std::mt19937 random(7);
    std::vector<std::pair<StoredRange, std::byte>> ranges;
    for (int step = 0; step < 5000; ++step) {
        const auto bytes = static_cast<std::uint32_t>(random() % (9 * page_bytes));
        if (random() % 2 == 0 || ranges.empty()) {
            auto made = contents.make(bytes);
            if (!made.has_value()) continue;
            const auto value = static_cast<std::byte>(random());
            std::ranges::fill(made->memory(), value);
            if (random() % 4 != 0) ranges.emplace_back(kept(*std::move(made)), value);
        } else {
            const std::size_t gone = random() % ranges.size();
            REQUIRE(holds(ranges[gone].first, ranges[gone].second));
            contents.release(ranges[gone].first);
            ranges.erase(ranges.begin() + static_cast<std::ptrdiff_t>(gone));
        }
    }
    std::size_t pages = 0;
    contents.clear();
    for (const auto& [range, value] : ranges) {
        REQUIRE(contents.claim(range));
        pages += range.pages();
    }
    CHECK(contents.free_pages() == Contents::page_count - pages);
}
