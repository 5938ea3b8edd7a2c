// SPDX-License-Identifier: BSD-3-Clause
#include "servers/vm/page_table.h"
#include "kernel/abi/user_layout.h"
#include <catch2/catch.hpp>
#include <functional>
#include <map>
#include <random>
#include <vector>

using namespace tessera;
using vm::Access;
using vm::Caching;
using vm::PageAccess;
using vm::PageEntry;
using vm::PageTable;

namespace {

// Memory of tables that keeps every write. `translate` walks as the processor does, over the state after any number of
// them.
class RecordingMemory {
public:
    std::size_t next_used(PhysicalAddress table, std::size_t from, std::size_t end) const {
        while (from < end && read(table, from).empty()) ++from;
        return from;
    }
    PageEntry read(PhysicalAddress table, std::size_t index) const { return tables_.at(table.value).at(index); }
    void write(PhysicalAddress table, std::size_t index, PageEntry entry) {
        tables_.at(table.value).at(index) = entry;
        ++writes_;
        if (after_write) after_write();
    }
    Result<PhysicalAddress> make_table() {
        if (tables_.size() >= limit) return Status::out_of_memory;
        next_ += page_bytes;
        tables_[next_].resize(512);
        counts_[next_] = 0;
        return PhysicalAddress{next_};
    }
    void free_table(PhysicalAddress table) {
        REQUIRE(counts_.at(table.value) == 0);
        for (const auto& [address, entries] : tables_) // nothing refers to it any more
            if (std::ranges::any_of(entries, [&](auto e) { return e.present() && e.address() == table; }))
                FAIL("a freed table is still referred to");
        tables_.erase(table.value);
        counts_.erase(table.value);
    }
    void count_entry(PhysicalAddress table) { ++counts_.at(table.value); }
    std::uint32_t uncount_entry(PhysicalAddress table) { return --counts_.at(table.value); }

    PageEntry translate(PhysicalAddress top, VirtualAddress address) const {
        PhysicalAddress table = top;
        for (const unsigned shift : {30u, 21u}) {
            const PageEntry entry = read(table, address.value >> shift & 511);
            if (!entry.present()) return {};
            table = entry.address();
        }
        const PageEntry entry = read(table, address.value >> 12 & 511);
        return entry.present() ? entry : PageEntry{};
    }

    std::size_t table_count() const { return tables_.size(); }
    std::size_t writes() const { return writes_; }

    std::size_t limit = ~std::size_t{0};
    std::function<void()> after_write;

private:
    std::map<std::uint64_t, std::vector<PageEntry>> tables_;
    std::map<std::uint64_t, std::uint32_t> counts_;
    std::uint64_t next_ = 0x100000;
    std::size_t writes_ = 0;
};

constexpr std::uint64_t first_frame = 1ull << 32; // away from the tables

constexpr PageEntry page(std::uint64_t frame, PageAccess access = PageAccess::read_write) {
    return PageEntry::page({first_frame + frame * page_bytes}, access, Caching::write_back);
}

constexpr VirtualAddress all_end = user_layout::end;

} // namespace

TEST_CASE("an entry has the bits of the manual") {
    constexpr PhysicalAddress frame{0x1234'5000};
    CHECK(PageEntry{}.raw() == 0);
    CHECK((PageEntry::table(frame).raw() & ~(0xe00ull)) == (0x1234'5000 | 7));
    const auto raw = [&](PageAccess access, Caching caching) {
        return PageEntry::page(frame, access, caching).raw() & ~0xe00ull; // without the bits that are ours
    };
    constexpr std::uint64_t execute_disable = 1ull << 63;
    CHECK(raw(PageAccess::read, Caching::write_back) == (0x1234'5000 | 5 | execute_disable));
    CHECK(raw(PageAccess::read_write, Caching::write_back) == (0x1234'5000 | 7 | execute_disable));
    CHECK(raw(PageAccess::read_execute, Caching::write_back) == (0x1234'5000 | 5));
    CHECK(raw(PageAccess::read_write, Caching::uncached) == (0x1234'5000 | 7 | 0x18 | execute_disable));
}

TEST_CASE("no entry is writable and executable, and each tells its access") {
    for (const auto access : {PageAccess::none, PageAccess::read, PageAccess::read_write, PageAccess::read_execute}) {
        const auto entry = PageEntry::page({0x5000}, access, Caching::write_back);
        CHECK(entry.access() == access);
        CHECK_FALSE((entry.present() && entry.writable() && entry.executable()));
        CHECK(entry.present() == (access != PageAccess::none));
        CHECK_FALSE(entry.empty()); // even without access the frame is remembered
        CHECK(entry.address() == PhysicalAddress{0x5000});
        CHECK(entry.with_access(PageAccess::none).with_access(access) == entry);
    }
    const auto device = PageEntry::page({0x5000}, PageAccess::read_write, Caching::uncached);
    CHECK(device.with_access(PageAccess::read).uncached());
    CHECK_FALSE(PageEntry::page({}, PageAccess::none, Caching::write_back).empty()); // frame 0
}

TEST_CASE("rights permit what they say") {
    CHECK_FALSE(permits(PageAccess::none, Access::read));
    CHECK(permits(PageAccess::read, Access::read));
    CHECK_FALSE(permits(PageAccess::read, Access::write));
    CHECK_FALSE(permits(PageAccess::read, Access::execute));
    CHECK(permits(PageAccess::read_write, Access::write));
    CHECK_FALSE(permits(PageAccess::read_write, Access::execute));
    CHECK(permits(PageAccess::read_execute, Access::execute));
    CHECK_FALSE(permits(PageAccess::read_execute, Access::write));
}

TEST_CASE("a mapped page is found by the processor's walk, its neighbours are not") {
    RecordingMemory memory;
    PageTable<RecordingMemory> table(memory);
    REQUIRE(table.create().has_value());
    for (const std::uint64_t address : {0x400000ull, 0x10'0000'0000ull, 0x7f'fffe'f000ull, 0ull, 0x7f'ffff'f000ull}) {
        CHECK(table.find({address}).empty());
        REQUIRE(table.set({address}, page(77)).has_value());
        CHECK(table.find({address}) == page(77));
        CHECK(memory.translate(table.top(), {address}) == page(77));
        CHECK(memory.translate(table.top(), {address ^ 0x1000}).empty());
        CHECK(memory.translate(table.top(), {address ^ 0x200000}).empty());
        CHECK(memory.translate(table.top(), {address ^ 0x4000'0000}).empty());
    }
}

TEST_CASE("tables come on demand and go when they are empty") {
    RecordingMemory memory;
    PageTable<RecordingMemory> table(memory);
    REQUIRE(table.create().has_value());
    CHECK(memory.table_count() == 1);
    REQUIRE(table.set({0x400000}, page(1)).has_value());
    CHECK(memory.table_count() == 3);
    REQUIRE(table.set({0x401000}, page(2)).has_value());
    CHECK(memory.table_count() == 3);
    REQUIRE(table.set({0x600000}, page(3)).has_value());
    CHECK(memory.table_count() == 4);
    REQUIRE(table.set({0x401000}, page(9)).has_value()); // over an entry in use: counted once

    std::vector<std::uint64_t> removed;
    const auto note = [&](VirtualAddress, PageEntry entry) {
        removed.push_back((entry.address().value - first_frame) / page_bytes);
    };
    table.remove({0x400000}, {0x401000}, note);
    CHECK(memory.table_count() == 4);
    table.remove({0x401000}, {0x601000}, note);
    CHECK(memory.table_count() == 1);
    CHECK(removed == std::vector<std::uint64_t>{1, 9, 3});
    table.destroy();
    CHECK(memory.table_count() == 0);
}

TEST_CASE("pages without access keep their table") {
    RecordingMemory memory;
    PageTable<RecordingMemory> table(memory);
    REQUIRE(table.create().has_value());
    REQUIRE(table.set({0x400000}, page(1)).has_value());
    table.update({0}, all_end, [](VirtualAddress, PageEntry entry) { return entry.with_access(PageAccess::none); });
    CHECK(memory.translate(table.top(), {0x400000}).empty());
    CHECK(memory.table_count() == 3);
    CHECK(table.find({0x400000}).address() == PhysicalAddress{first_frame + page_bytes});
    std::size_t removed = 0;
    table.remove({0}, all_end, [&](VirtualAddress, PageEntry) { ++removed; });
    CHECK(removed == 1);
    CHECK(memory.table_count() == 1);
}

TEST_CASE("without memory for tables nothing changes") {
    for (const std::size_t limit : {1u, 2u}) {
        RecordingMemory memory;
        PageTable<RecordingMemory> table(memory);
        REQUIRE(table.create().has_value());
        memory.limit = limit;
        const auto writes = memory.writes();
        CHECK(table.set({0x400000}, page(1)).status() == Status::out_of_memory);
        CHECK(memory.table_count() == 1);
        CHECK((limit > 1 || memory.writes() == writes));
        memory.limit = 3;
        CHECK(table.set({0x400000}, page(1)).has_value());
    }
    RecordingMemory memory;
    memory.limit = 0;
    PageTable<RecordingMemory> table(memory);
    CHECK(table.create().status() == Status::out_of_memory);
}

TEST_CASE("no half-made state is ever visible") {
    RecordingMemory memory;
    PageTable<RecordingMemory> table(memory);
    REQUIRE(table.create().has_value());
    constexpr VirtualAddress first{0x400000};
    constexpr VirtualAddress second{0x3f'ffff'f000};
    // After each single write a walk finds the old page or the new one, and the other page as it was.
    std::vector<PageEntry> allowed;
    VirtualAddress changing = first;
    VirtualAddress other = second;
    PageEntry expected_other;
    std::size_t checks = 0;
    memory.after_write = [&] {
        const auto found = memory.translate(table.top(), changing);
        REQUIRE(std::ranges::find(allowed, found) != allowed.end());
        REQUIRE(memory.translate(table.top(), other) == expected_other);
        ++checks;
    };
    allowed = {PageEntry{}, page(1)};
    REQUIRE(table.set(first, page(1)).has_value());
    changing = second, other = first, expected_other = page(1);
    allowed = {PageEntry{}, page(2, PageAccess::read_execute)};
    REQUIRE(table.set(second, page(2, PageAccess::read_execute)).has_value());
    allowed = {page(2, PageAccess::read_execute), PageEntry{}};
    table.remove(second, second + page_bytes, [](VirtualAddress, PageEntry) {});
    CHECK(checks >= 9);
}

TEST_CASE("random use agrees with a map") {
    RecordingMemory memory;
    PageTable<RecordingMemory> table(memory);
    REQUIRE(table.create().has_value());
    std::map<std::uint64_t, PageEntry> model;
    std::mt19937_64 random(5);
    // Few pages near each other in several corners of user space, so that tables fill and empty.
    const auto address = [&] {
        constexpr std::array corners{0ull, 0x3fe00000ull, 0x10'0000'0000ull, 0x7f'ffc0'0000ull};
        return VirtualAddress{corners[random() % corners.size()] + random() % 1024 * page_bytes};
    };
    bool agree = true;
    for (int i = 0; i < 60'000; ++i) {
        const VirtualAddress from = address();
        if (random() % 8 != 0) {
            const auto entry = page(1 + random() % 1000, static_cast<PageAccess>(random() % 4));
            agree = agree && table.set(from, entry).has_value();
            model[from.value] = entry;
        } else {
            const VirtualAddress to = std::max(from, address());
            auto it = model.lower_bound(from.value);
            table.remove(from, to, [&](VirtualAddress where, PageEntry entry) {
                agree = agree && it != model.end() && where.value == it->first && entry == it->second;
                if (it != model.end()) it = model.erase(it);
            });
            agree = agree && (it == model.end() || it->first >= to.value);
        }
        const VirtualAddress probe = address();
        const auto known = model.find(probe.value);
        agree = agree && table.find(probe) == (known == model.end() ? PageEntry{} : known->second);
    }
    std::size_t visited = 0;
    table.for_each({0}, all_end, [&](VirtualAddress where, PageEntry entry) {
        agree = agree && model.at(where.value) == entry;
        ++visited;
    });
    CHECK(agree);
    CHECK(visited == model.size());
    table.remove({0}, all_end, [](VirtualAddress, PageEntry) {});
    CHECK(memory.table_count() == 1);
}
