// SPDX-License-Identifier: BSD-3-Clause
// The promise of the store: whatever the instruction at which DS dies, each record is in its old or its new version.

#include "servers/ds/record_table.h"
#include "servers/ds/records.h"
#include "tests/unit/ds/recording_memory.h"
#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <set>
#include <string>

using namespace tessera;
using namespace tessera::ds;
using test::RecordingMemory;

namespace {

using Table = RecordTable<EntryRecord, 4>;
using Values = std::map<std::string, std::string>; // key to value

EntryRecord string_entry(std::string_view key, std::string_view text) {
    EntryRecord record{.type = EntryType::string,
                       .key_bytes = static_cast<std::uint8_t>(key.size()),
                       .value_bytes = static_cast<std::uint16_t>(text.size()),
                       .owner = Name("owner")};
    store_text(record.key_field, key);
    store_text(record.value_field, text);
    return record;
}

Values contents_of(const Table& table) {
    Values contents;
    table.for_each([&](RecordIndex, const EntryRecord& record) {
        REQUIRE(contents.emplace(record.key(), record.text()).second); // no key twice
    });
    return contents;
}

std::optional<RecordIndex> find(const Table& table, std::string_view key) {
    std::optional<RecordIndex> found;
    table.for_each([&](RecordIndex index, const EntryRecord& record) {
        if (record.key() == key) found = index;
    });
    return found;
}

Values recovered_contents(const std::vector<std::byte>& memory, std::size_t& damaged) {
    RecordingMemory copy(memory);
    Table table(copy, 0);
    damaged += table.recover().damaged;
    return contents_of(table);
}

void publish(Table& table, std::string_view key, std::string_view text) {
    const EntryRecord record = string_entry(key, text);
    if (const auto old = find(table, key))
        table.replace(*old, record);
    else
        REQUIRE(table.insert(record).has_value());
}

// Every state on the way from `before` to `after` is one of the two.
void check_crashes(const RecordingMemory& memory, const std::vector<std::byte>& start, const Values& before,
                   const Values& after) {
    bool was_old = false;
    bool was_new = false;
    std::size_t damaged = 0;
    memory.replay(start, 1, [&](const std::vector<std::byte>& state) {
        const Values found = recovered_contents(state, damaged);
        if (found != before && found != after) FAIL("a crash left neither the old nor the new contents");
        if (was_new && found != after) FAIL("a change that was done came undone");
        was_old |= found == before;
        was_new |= found == after;
    });
    CHECK(was_old);
    CHECK(was_new);
    CHECK(damaged == 0); // an unfinished record is free, not damaged
}

} // namespace

TEST_CASE("crc32 has zlib's value") {
    const std::string_view text = "123456789";
    CHECK(Crc32{}.add(std::as_bytes(std::span(text))).value() == 0xcbf4'3926);
    CHECK(Crc32{}.value() == 0);
}

TEST_CASE("a crash at any store of a change leaves the old or the new contents") {
    RecordingMemory memory(Table::memory_bytes);
    Table table(memory, 0);
    table.clear();
    publish(table, "a", "first");
    publish(table, "b", "second");
    const auto start = memory.raw();
    const Values before = contents_of(table);
    Values after = before;
    memory.forget_history();

    SECTION("insert") {
        publish(table, "c", "third");
        after["c"] = "third";
    }
    SECTION("overwrite by a longer value") {
        const std::string longer(protocol::ds::string_limit, 'x');
        publish(table, "a", longer);
        after["a"] = longer;
    }
    SECTION("overwrite by a shorter value") {
        publish(table, "b", "");
        after["b"] = "";
    }
    SECTION("delete") {
        table.erase(*find(table, "a"));
        after.erase("a");
    }
    check_crashes(memory, start, before, after);
}

TEST_CASE("crashes between the stores of random changes, records used again") {
    std::mt19937 random(20260101);
    RecordingMemory memory(Table::memory_bytes);
    Table table(memory, 0);
    table.clear();
    Values model;
    for (int step = 0; step < 120; ++step) {
        const auto start = memory.raw();
        const Values before = model;
        memory.forget_history();
        const std::string key(1, static_cast<char>('a' + random() % 4));
        if (random() % 3 == 0 && model.contains(key)) {
            table.erase(*find(table, key));
            model.erase(key);
        } else {
            model[key] = std::string(random() % 40, static_cast<char>('A' + random() % 26)) + std::to_string(step);
            publish(table, key, model[key]);
        }
        REQUIRE(contents_of(table) == model);
        check_crashes(memory, start, before, model);
    }
}

TEST_CASE("a table that a crash interrupted goes on working") {
    RecordingMemory memory(Table::memory_bytes);
    Table table(memory, 0);
    table.clear();
    for (const char* key : {"a", "b", "c", "d"}) publish(table, key, "old");
    const auto start = memory.raw();
    memory.forget_history();
    publish(table, "c", "new");
    memory.replay(start, 1, [&](const std::vector<std::byte>& state) {
        RecordingMemory copy(state);
        Table heir(copy, 0);
        heir.recover();
        REQUIRE(heir.size() == 4);
        REQUIRE(!heir.insert(string_entry("e", "too many")).has_value());
        for (const char* key : {"a", "b", "c", "d"}) publish(heir, key, "newer");
        std::size_t damaged = 0;
        const Values all{{"a", "newer"}, {"b", "newer"}, {"c", "newer"}, {"d", "newer"}};
        REQUIRE(recovered_contents(copy.raw(), damaged) == all);
        REQUIRE(damaged == 0);
    });
}

TEST_CASE("a flipped bit is found, and costs its own record only") {
    RecordingMemory memory(Table::memory_bytes);
    Table table(memory, 0);
    table.clear();
    publish(table, "kept", "value");
    publish(table, "hit", "some text");
    const Values all = contents_of(table);
    const std::size_t record_bytes = Table::memory_bytes / 5;
    const std::size_t header = 2 * sizeof(std::uint64_t);
    const std::size_t used = header + string_entry("hit", "some text").used_bytes();
    for (std::size_t bit = 0; bit < record_bytes * 8; ++bit) {
        auto state = memory.raw();
        state[record_bytes + bit / 8] ^= std::byte{1} << (bit % 8);
        std::size_t damaged = 0;
        const Values found = recovered_contents(state, damaged);
        REQUIRE(damaged == (bit / 8 < used ? 1 : 0));
        REQUIRE(found == (bit / 8 < used ? Values{{"kept", "value"}} : all));
    }
}

TEST_CASE("garbage is recovered as nothing") {
    std::mt19937 random(7);
    std::size_t damaged = 0;
    for (int round = 0; round < 200; ++round) {
        std::vector<std::byte> garbage(Table::memory_bytes);
        for (auto& byte : garbage) byte = static_cast<std::byte>(random());
        REQUIRE(recovered_contents(garbage, damaged).empty());
    }
    CHECK(damaged == 200 * 5);
}

TEST_CASE("real preserved memory holds what was written") {
    alignas(8) std::array<std::byte, Table::memory_bytes> bytes{};
    PreservedMemory memory(bytes);
    Table table(memory, 0);
    table.clear();
    publish(table, "a", "first");
    publish(table, "a", "second");
    PreservedMemory again(bytes);
    Table heir(again, 0);
    CHECK(heir.recover().kept == 1);
    CHECK(contents_of(heir) == Values{{"a", "second"}});
}
