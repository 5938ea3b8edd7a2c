// SPDX-License-Identifier: BSD-3-Clause
#include "servers/vm/frame_allocator.h"
#include "kernel/abi/user_layout.h"
#include "tests/unit/vm/fatal_error.h"
#include "tests/unit/vm/memory_arena.h"
#include "tests/unit/vm/random_run.h"
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <vector>

using namespace tessera;
using tests::MemoryArena;
using vm::FrameAllocator;
using vm::FrameUse;

namespace {

constexpr PhysicalAddress page(std::uint64_t number) { return {number * page_bytes}; }
constexpr PhysicalAddress no_limit{~0ull};

constexpr MemoryRange range(std::uint64_t first, std::uint64_t pages, MemoryKind kind) {
    return {.base = page(first), .bytes = pages * page_bytes, .kind = kind};
}

// As a small machine reports it: 1024 pages, some of them spoken for.
const std::vector machine{range(0, 1, MemoryKind::reserved),         range(1, 99, MemoryKind::free),
                          range(100, 20, MemoryKind::vm_image),      range(120, 64, MemoryKind::kernel),
                          range(184, 100, MemoryKind::boot_archive), range(284, 736, MemoryKind::free),
                          range(1020, 4, MemoryKind::reserved)};
constexpr std::uint64_t machine_pages = 1024;

bool counts_are_exact(const vm::MemoryCounts& counts) {
    return counts.kernel + counts.archive + counts.page_tables + counts.vm_own + counts.process + counts.preserved +
               counts.free ==
           counts.total;
}

bool is_filled_with(const MemoryArena& arena, PhysicalAddress frame, std::byte value) {
    return std::ranges::all_of(arena.view().page(frame), [value](std::byte b) { return b == value; });
}

} // namespace

TEST_CASE("the counts of the start add up") {
    const MemoryArena arena(machine_pages);
    const FrameAllocator frames(arena.view(), machine);
    const auto counts = frames.counts();
    CHECK(counts.total == machine_pages - 5);
    CHECK(counts.kernel == 64);
    CHECK(counts.archive == 100);
    CHECK(counts.vm_own == 20 + 2); // the image, the frame records (8 bytes a page)
    CHECK(counts.free == 99 + 736 - 2);
    CHECK(counts.largest_free_block == 736 - 2);
    CHECK(counts_are_exact(counts));
}

TEST_CASE("memory above the view is not counted and not used") {
    auto ranges = machine;
    const std::uint64_t limit = user_layout::physical_view_bytes / page_bytes;
    ranges.push_back(range(limit, 1000, MemoryKind::free));
    const MemoryArena arena(machine_pages);
    FrameAllocator frames(arena.view(), ranges);
    CHECK(frames.counts().total == machine_pages - 5);
    CHECK(*frames.allocate(FrameUse::process) < page(machine_pages));
}

TEST_CASE("too little memory for the records is fatal") {
    const MemoryArena arena(machine_pages);
    const std::vector ranges{range(machine_pages - 1, 1, MemoryKind::free)};
    CHECK_THROWS_AS(FrameAllocator(arena.view(), ranges), tests::FatalError);
}

TEST_CASE("a frame is freed with its last reference") {
    const MemoryArena arena(machine_pages);
    FrameAllocator frames(arena.view(), machine);
    const auto free = frames.counts().free;
    const auto frame = *frames.allocate(FrameUse::process);
    CHECK(frames.references(frame) == 1);
    CHECK(frames.counts().process == 1);
    CHECK(frames.counts().free == free - 1);
    frames.retain(frame);
    frames.release(frame);
    CHECK(frames.counts().process == 1);
    frames.release(frame);
    CHECK(frames.counts().process == 0);
    CHECK(frames.counts().free == free);
    CHECK_THROWS_AS(frames.release(frame), tests::FatalError);
    CHECK_THROWS_AS(frames.release(page(1 << 20)), tests::FatalError);
}

TEST_CASE("cleared frames are clear, others are not touched") {
    const MemoryArena arena(machine_pages);
    FrameAllocator frames(arena.view(), machine);
    CHECK(is_filled_with(arena, *frames.allocate_cleared(FrameUse::process), std::byte{0}));
    CHECK(is_filled_with(arena, *frames.allocate(FrameUse::process), std::byte{0xa5}));
}

TEST_CASE("contiguous frames are low, cleared, and one by one free again") {
    const MemoryArena arena(machine_pages);
    FrameAllocator frames(arena.view(), machine);
    const auto free = frames.counts().free;
    const auto base = frames.allocate_contiguous({.pages = 32, .limit = no_limit}, FrameUse::preserved);
    REQUIRE(base.has_value());
    CHECK(*base == page(1));
    CHECK(frames.counts().preserved == 32);
    for (std::uint64_t i = 0; i < 32; ++i) {
        CHECK(is_filled_with(arena, *base + i * page_bytes, std::byte{0}));
        frames.release(*base + i * page_bytes);
    }
    CHECK(frames.counts().free == free);
    CHECK(frames.allocate_contiguous({.pages = 99, .limit = page(99)}, FrameUse::preserved).status() ==
          Status::out_of_memory);
    CHECK(frames.counts().free == free);
    CHECK(frames.allocate_contiguous({.pages = 99, .limit = page(100)}, FrameUse::preserved).has_value());
    CHECK(frames.allocate_contiguous({.pages = ~0ull, .limit = no_limit}, FrameUse::preserved).status() ==
          Status::out_of_memory);
}

TEST_CASE("the last pages are for VM itself") {
    const MemoryArena arena(machine_pages);
    FrameAllocator frames(arena.view(), machine);
    while (frames.allocate(FrameUse::process).has_value()) {
    }
    CHECK(frames.counts().free == FrameAllocator::reserve_pages);
    CHECK(frames.allocate(FrameUse::page_table).status() == Status::out_of_memory);
    CHECK(frames.allocate_contiguous({.pages = 1, .limit = no_limit}, FrameUse::preserved).status() ==
          Status::out_of_memory);
    for (std::uint64_t i = 0; i < FrameAllocator::reserve_pages; ++i)
        CHECK(frames.allocate(FrameUse::vm_own).has_value());
    CHECK(frames.allocate(FrameUse::vm_own).status() == Status::out_of_memory);
    CHECK(counts_are_exact(frames.counts()));
}

TEST_CASE("condemned frames stay away until they are freed") {
    const MemoryArena arena(machine_pages);
    FrameAllocator frames(arena.view(), machine);
    const auto free = frames.counts().free;
    const auto first = *frames.allocate(FrameUse::process);
    const auto second = *frames.allocate(FrameUse::page_table);
    const auto shared = *frames.allocate(FrameUse::process);
    frames.retain(shared);

    vm::CondemnedFrames condemned;
    CHECK(condemned.empty());
    frames.condemn(first, condemned);
    frames.condemn(second, condemned);
    frames.condemn(shared, condemned);
    CHECK_FALSE(condemned.empty());
    CHECK(frames.references(shared) == 1);
    const auto other = *frames.allocate(FrameUse::process);
    CHECK(other != first);
    CHECK(other != second);

    frames.free(condemned);
    CHECK(condemned.empty());
    CHECK(frames.references(shared) == 1);
    frames.release(shared);
    frames.release(other);
    CHECK(frames.counts().free == free);
    CHECK_THROWS_AS(frames.condemn(first, condemned), tests::FatalError);
}

TEST_CASE("a frame that is condemned twice in one go is freed once") {
    const MemoryArena arena(machine_pages);
    FrameAllocator frames(arena.view(), machine);
    const auto free = frames.counts().free;
    const auto frame = *frames.allocate(FrameUse::process);
    frames.retain(frame);
    vm::CondemnedFrames condemned;
    frames.condemn(frame, condemned);
    frames.condemn(frame, condemned);
    frames.free(condemned);
    CHECK(frames.counts().free == free);
}

namespace {

// Who has which frame, kept in a map, and the same done by the allocator.
class AllocatorModel {
public:
    explicit AllocatorModel(std::uint32_t seed) : random_(seed) {}

    void step() {
        const auto use = static_cast<FrameUse>(1 + random_() % 4);
        switch (random_() % 10) {
        case 0:
            return allocate_contiguous(1 + random_() % 20, page(1 + random_() % machine_pages), use);
        case 1:
        case 2:
        case 3:
            return allocate(use);
        case 4:
            return retain();
        case 5:
            return condemn();
        case 6:
            return frames_.free(condemned_);
        default:
            return release();
        }
    }

    bool agrees() const {
        std::array<std::uint64_t, vm::frame_use_count> by_use{};
        bool agree = true;
        for (const auto& [frame, holder] : held_) {
            ++by_use[static_cast<std::size_t>(holder.use)];
            agree = agree && frames_.references(frame) == holder.references && frames_.use_of(frame) == holder.use;
        }
        for (std::size_t i = 1; i < by_use.size(); ++i)
            agree = agree && frames_.in_use(static_cast<FrameUse>(i)) == by_use[i] + condemned_by_use(i);
        return agree && counts_are_exact(frames_.counts()) && never_handed_out_twice_;
    }

    void give_all_back() {
        frames_.free(condemned_);
        condemned_uses_.clear();
        while (!held_.empty()) drop(held_.begin(), [&](PhysicalAddress frame) { frames_.release(frame); });
    }
    std::uint64_t free() const { return frames_.counts().free; }

private:
    struct Holder {
        std::uint32_t references;
        FrameUse use;
    };
    using Held = std::map<PhysicalAddress, Holder>;

    std::uint64_t condemned_by_use(std::size_t use) const {
        return condemned_.empty()
                   ? 0
                   : static_cast<std::uint64_t>(std::ranges::count(condemned_uses_, static_cast<FrameUse>(use)));
    }
    void note(PhysicalAddress frame, FrameUse use) {
        never_handed_out_twice_ = never_handed_out_twice_ && held_.try_emplace(frame, Holder{1, use}).second;
    }
    void allocate(FrameUse use) {
        if (const auto frame = frames_.allocate(use); frame.has_value()) note(*frame, use);
    }
    void allocate_contiguous(std::uint64_t pages, PhysicalAddress limit, FrameUse use) {
        const auto base = frames_.allocate_contiguous({.pages = pages, .limit = limit}, use);
        for (std::uint64_t i = 0; base.has_value() && i < pages; ++i) note(*base + i * page_bytes, use);
    }
    Held::iterator any() {
        const auto at = held_.lower_bound(page(random_() % machine_pages));
        return at != held_.end() ? at : held_.begin();
    }
    void retain() {
        if (held_.empty()) return;
        const auto holder = any();
        frames_.retain(holder->first);
        ++holder->second.references;
    }
    template <class Action> void drop(Held::iterator holder, Action&& action) {
        action(holder->first);
        if (--holder->second.references == 0) held_.erase(holder);
    }
    void release() {
        if (!held_.empty()) drop(any(), [&](PhysicalAddress frame) { frames_.release(frame); });
    }
    void condemn() {
        if (held_.empty()) return;
        if (condemned_.empty()) condemned_uses_.clear();
        const auto holder = any();
        if (holder->second.references == 1) condemned_uses_.push_back(holder->second.use);
        drop(holder, [&](PhysicalAddress frame) { frames_.condemn(frame, condemned_); });
    }

    MemoryArena arena_{machine_pages};
    FrameAllocator frames_{arena_.view(), machine};
    std::mt19937 random_;
    Held held_;
    vm::CondemnedFrames condemned_;
    std::vector<FrameUse> condemned_uses_; // of the frames that are condemned
    bool never_handed_out_twice_ = true;
};

void compare_with_holders(int operations) {
    AllocatorModel model(tests::seed_or(3));
    const std::uint64_t free = model.free();
    bool agree = true;
    for (int i = 0; i < operations; ++i) {
        model.step();
        if (i % 64 == 0) agree = agree && model.agrees();
    }
    CHECK(agree);
    CHECK(model.agrees());
    model.give_all_back();
    CHECK(model.agrees());
    CHECK(model.free() == free);
}

} // namespace

TEST_CASE("random use agrees with a map of holders") { compare_with_holders(tests::short_run); }

TEST_CASE("random use agrees with a map of holders: a million operations", "[.][long]") {
    compare_with_holders(tests::long_run);
}
