// SPDX-License-Identifier: BSD-3-Clause
// Memory entries, map entries and their snapshots.

#include "tests/unit/ds/machine.h"

using namespace tessera;
using namespace tessera::ds;
using namespace tessera::ds::test;

namespace {

struct RangeMachine : FreshMachine {
    Status publish_memory(Endpoint caller, std::string_view key, std::string_view value,
                          Overwrite overwrite = Overwrite::refuse) {
        return call<PublishMemory>(
                   caller,
                   {.key = clients.give(caller, key), .value = clients.give(caller, value), .overwrite = overwrite})
            .status();
    }
    Result<std::string> retrieve_memory(std::string_view key, std::size_t room = range_limit,
                                        std::uint32_t offset = 0) {
        const Buffer value = clients.room(stranger, room);
        const auto reply =
            call<RetrieveMemory>(stranger, {.key = clients.give(stranger, key), .value = value, .offset = offset});
        if (!reply.has_value()) return reply.error();
        const std::size_t left = reply->bytes - std::min(offset, reply->bytes);
        return clients.text(stranger, value, std::min(room, left));
    }
    // A page full of one character.
    Buffer page(Endpoint owner, char character) { return clients.give(owner, std::string(page_bytes, character)); }
    void fill(Endpoint owner, Buffer memory, char character) {
        std::ranges::fill(clients.grants[{owner, memory.grant}].bytes, static_cast<std::byte>(character));
    }
    Status publish_map(Endpoint caller, std::string_view key, Buffer memory, Overwrite overwrite = Overwrite::refuse) {
        return call<PublishMap>(caller, {.key = clients.give(caller, key), .memory = memory, .overwrite = overwrite})
            .status();
    }
    Result<RetrieveMap::Reply> retrieve_map(std::string_view key) {
        return call<RetrieveMap>(stranger, {.key = clients.give(stranger, key)});
    }
    // The first byte of the memory that the grant in a reply leads to.
    char seen(const RetrieveMap::Reply& reply) {
        const GrantEntry& entry = grants.entries()[reply.grant.index()];
        REQUIRE(entry.sequence == reply.grant.sequence());
        REQUIRE(entry.kind == GrantKind::direct);
        return *reinterpret_cast<const char*>(entry.address);
    }
    Result<Snapshot::Reply> snapshot(Endpoint caller, std::string_view key) {
        return call<Snapshot>(caller, {.key = clients.give(caller, key)});
    }
    // Its bytes from the offset on; or the name of the error.
    std::string snapshot_text(std::string_view key, std::uint32_t index, std::size_t room = 4,
                              std::uint32_t offset = 0) {
        const Buffer value = clients.room(stranger, room);
        const auto reply = call<RetrieveSnapshot>(
            stranger, {.key = clients.give(stranger, key), .value = value, .index = index, .offset = offset});
        if (!reply.has_value()) return std::string(status_name(reply.error()));
        return clients.text(stranger, value, room);
    }
    std::size_t free_pages() { return store->contents().free_pages(); }
    std::byte* memory_of_page(std::size_t page) {
        return memory.raw().data() + Store::records_bytes + page * page_bytes;
    }
};

} // namespace

TEST_CASE_METHOD(RangeMachine, "a memory entry is published, overwritten by a longer one, read in parts, and deleted") {
    const std::size_t free_before = free_pages();
    CHECK(publish_memory(writer, "key", "twenty-one bytes here") == Status::ok);
    CHECK(*retrieve_memory("key", 100) == "twenty-one bytes here");
    CHECK(*retrieve_memory("key", 8) == "twenty-o");
    CHECK(*retrieve_memory("key", 100, 11) == "bytes here");
    CHECK(retrieve_memory("key", 100, 21)->empty());
    CHECK(retrieve_memory("key", 100, 0xffff'ffff)->empty());
    CHECK(publish_memory(writer, "key", "another") == Status::exists);
    std::string longest(range_limit, 'x');
    longest.front() = '\0'; // bytes of any kind
    longest.back() = '\xff';
    CHECK(publish_memory(writer, "key", longest, Overwrite::allow) == Status::ok);
    CHECK(*retrieve_memory("key") == longest);
    CHECK(publish_memory(writer, "key", longest + "x", Overwrite::allow) == Status::invalid);
    CHECK(remove(writer, "key", EntryType::memory) == Status::ok);
    CHECK(retrieve_memory("key").status() == Status::no_such);
    CHECK(publish_memory(writer, "empty", "") == Status::ok);
    CHECK(retrieve_memory("empty")->empty());
    CHECK(free_pages() == free_before);
}

TEST_CASE_METHOD(RangeMachine, "a memory entry keeps its value when the next cannot be read or has no room") {
    CHECK(publish_memory(writer, "key", "kept") == Status::ok);
    const std::size_t free_before = free_pages();
    const Buffer bad = clients.give(writer, "some bytes");
    clients.grants[{writer, bad.grant}].failure = Status::bad_address;
    CHECK(call<PublishMemory>(writer, {.key = clients.give(writer, "key"), .value = bad, .overwrite = Overwrite::allow})
              .status() == Status::bad_address);
    CHECK(publish_memory(listener, "key", "stolen", Overwrite::allow) == Status::not_permitted);
    CHECK(publish_memory(stranger, "other", "value") == Status::not_permitted);
    CHECK(free_pages() == free_before);
    const std::string large(range_limit, 'x');
    for (int i = 0; i < 15; ++i) REQUIRE(publish_memory(writer, std::format("k{}", i), large) == Status::ok);
    CHECK(publish_memory(writer, "k15", large) == Status::no_space);
    CHECK(publish_memory(writer, "key", large, Overwrite::allow) == Status::no_space);
    CHECK(*retrieve_memory("key") == "kept");
}

TEST_CASE_METHOD(RangeMachine, "a map entry is seen while it changes, and keeps what it was in snapshots") {
    const Buffer memory = page(writer, '1');
    CHECK(publish_map(writer, "key", memory) == Status::ok);
    CHECK(snapshot(writer, "key")->index == 0);
    const auto reply = retrieve_map("key");
    REQUIRE(reply.has_value());
    CHECK(reply->bytes == page_bytes);
    CHECK(reply->snapshots == 1);
    CHECK(reply->owner == Name("writer"));
    CHECK(seen(*reply) == '1');
    fill(writer, memory, '2');
    CHECK(seen(*reply) == '2');
    CHECK(snapshot_text("key", 0) == "1111");
    const GrantEntry& entry = grants.entries()[reply->grant.index()];
    CHECK(entry.rights == (GrantRights::read | GrantRights::map));
    CHECK(entry.grantee == endpoints::any);
    CHECK(remove(writer, "key", EntryType::map) == Status::ok);
    CHECK(grants.entries()[reply->grant.index()].kind == GrantKind::unused);
    CHECK(clients.views == 0);
    CHECK(retrieve_map("key").status() == Status::no_such);
}

TEST_CASE_METHOD(RangeMachine, "of more than five snapshots the last five are kept") {
    const std::size_t free_before = free_pages();
    const Buffer memory = page(writer, 'a');
    REQUIRE(publish_map(writer, "key", memory) == Status::ok);
    for (std::uint32_t i = 0; i < 12; ++i) {
        fill(writer, memory, static_cast<char>('a' + i));
        REQUIRE(snapshot(i % 2 == 0 ? writer : manager, "key")->index == i);
    }
    CHECK(free_pages() == free_before - snapshot_limit);
    CHECK(snapshot_text("key", 6) == "ENOENT");
    for (std::uint32_t i = 7; i < 12; ++i)
        CHECK(snapshot_text("key", i, 1, page_bytes - 1) == std::string(1, static_cast<char>('a' + i)));
    CHECK(snapshot_text("key", 12) == "ENOENT");
    CHECK(snapshot_text("key", 0xffff'ffff) == "ENOENT");
    CHECK(snapshot_text("other", 0) == "ESRCH");
    CHECK(snapshot(listener, "key").status() == Status::not_permitted);
    CHECK(snapshot(stranger, "key").status() == Status::not_permitted);
    CHECK(snapshot(writer, "other").status() == Status::no_such);
    CHECK(remove(writer, "key", EntryType::map) == Status::ok);
    CHECK(free_pages() == free_before);
}

TEST_CASE_METHOD(RangeMachine, "only whole pages that DS may map are taken") {
    const auto refused = [&](Buffer memory) { return publish_map(writer, "key", memory); };
    CHECK(refused(clients.give(writer, "short")) == Status::invalid);
    CHECK(refused(clients.give(writer, "")) == Status::invalid);
    CHECK(refused(clients.room(writer, range_limit + page_bytes)) == Status::invalid);
    CHECK(refused({.grant = GrantId(77, 9), .bytes = page_bytes}) == Status::not_permitted);
    const Buffer device = page(writer, 'd');
    clients.grants[{writer, device.grant}].failure = Status::access_denied;
    CHECK(refused(device) == Status::access_denied);
    CHECK(retrieve_map("key").status() == Status::no_such);
    CHECK(publish_map(stranger, "key", page(stranger, 'x')) == Status::not_permitted);
    CHECK(clients.views == 0);
    CHECK(publish_map(writer, "key", page(writer, 'x')) == Status::ok);
}

TEST_CASE_METHOD(RangeMachine, "a map entry that is published anew leads to the new memory and keeps its snapshots") {
    REQUIRE(publish_map(writer, "key", page(writer, '1')) == Status::ok);
    const auto old = retrieve_map("key");
    REQUIRE(snapshot(writer, "key").has_value());
    CHECK(publish_map(writer, "key", page(writer, '2')) == Status::exists);
    CHECK(publish_map(listener, "key", page(listener, '2'), Overwrite::allow) == Status::not_permitted);
    CHECK(publish_map(writer, "key", {.grant = GrantId(77, 9), .bytes = page_bytes}, Overwrite::allow) ==
          Status::not_permitted);
    CHECK(seen(*retrieve_map("key")) == '1');
    CHECK(publish_map(writer, "key", page(writer, '2'), Overwrite::allow) == Status::ok);
    CHECK(seen(*retrieve_map("key")) == '2');
    CHECK(retrieve_map("key")->grant != old->grant);
    CHECK(grants.entries()[old->grant.index()].sequence != old->grant.sequence());
    CHECK(clients.views == 1);
    CHECK(snapshot_text("key", 0) == "1111");
    CHECK(snapshot(writer, "key")->index == 1);
}

TEST_CASE_METHOD(RangeMachine, "map entries are bounded") {
    for (std::size_t i = 0; i < map_limit; ++i)
        REQUIRE(publish_map(writer, std::format("k{}", i), page(writer, 'x')) == Status::ok);
    CHECK(publish_map(writer, "one more", page(writer, 'x')) == Status::no_space);
    CHECK(publish_map(writer, "k3", page(writer, 'y'), Overwrite::allow) == Status::ok);
    CHECK(remove(writer, "k4", EntryType::map) == Status::ok);
    CHECK(publish_map(writer, "one more", page(writer, 'x')) == Status::ok);
}

TEST_CASE_METHOD(RangeMachine, "subscribers are told of memory, maps and snapshots") {
    subscribe(listener, "key.*", EntryType::memory);
    subscribe(listener, "key.*", EntryType::map);
    publish_memory(writer, "key", "12345");
    publish_map(writer, "key", page(writer, '1'));
    (void)snapshot(writer, "key");
    remove(writer, "key", EntryType::map);
    remove(writer, "key", EntryType::memory);
    CHECK(check(listener) == "published memory key 5");
    CHECK(check(listener) == "published map key 4096");
    CHECK(check(listener) == "overwritten map key 4096");
    CHECK(check(listener) == "deleted map key 4096");
    CHECK(check(listener) == "deleted memory key 5");
    CHECK(check(listener) == "ENOENT");
}

TEST_CASE_METHOD(RangeMachine, "memory, maps and snapshots survive a restart of DS") {
    const Buffer memory = page(writer, '1');
    publish_memory(writer, "memory", "some bytes");
    publish_map(writer, "map", memory);
    (void)snapshot(writer, "map");
    fill(writer, memory, '2');
    const std::size_t free_before = free_pages();
    start(Origin::inherited);
    CHECK(report.entries.damaged == 0);
    CHECK(lost_maps == 0);
    CHECK(*retrieve_memory("memory") == "some bytes");
    CHECK(seen(*retrieve_map("map")) == '2');
    CHECK(snapshot_text("map", 0) == "1111");
    CHECK(snapshot(writer, "map")->index == 1);
    CHECK(free_pages() == free_before - 1);
}

TEST_CASE_METHOD(RangeMachine, "a map entry whose owner is gone at a restart of DS is deleted") {
    subscribe(listener, ".*", EntryType::map);
    const Buffer memory = page(writer, '1');
    publish_map(writer, "lost", memory);
    publish_map(writer, "kept", page(writer, '2'));
    (void)snapshot(writer, "lost");
    const std::size_t free_before = free_pages();
    clients.grants.erase({writer, memory.grant});
    start(Origin::inherited);
    CHECK(lost_maps == 1);
    CHECK(retrieve_map("lost").status() == Status::no_such);
    CHECK(snapshot_text("lost", 0) == "ESRCH");
    CHECK(seen(*retrieve_map("kept")) == '2');
    CHECK(free_pages() == free_before + 1);
    CHECK(check(listener) == "missed");
    CHECK(check(listener) == "deleted map lost 4096");
}

TEST_CASE_METHOD(RangeMachine,
                 "a map entry that there is no memory for at a restart of DS is mapped when it is asked for") {
    subscribe(listener, ".*", EntryType::map);
    const Buffer memory = page(writer, '1');
    publish_map(writer, "key", memory);
    (void)snapshot(writer, "key");
    Status& failure = clients.grants[{writer, memory.grant}].failure;
    failure = Status::out_of_memory;
    start(Origin::inherited);
    CHECK(lost_maps == 0);
    CHECK(retrieve_map("key").status() == Status::out_of_memory);
    CHECK(snapshot(writer, "key").status() == Status::out_of_memory);
    CHECK(snapshot_text("key", 0) == "1111");
    failure = Status::ok;
    CHECK(snapshot(writer, "key")->index == 1);
    CHECK(seen(*retrieve_map("key")) == '1');
    CHECK(clients.views == 1);
    failure = Status::out_of_memory;
    start(Origin::inherited);
    CHECK(publish_map(writer, "key", page(writer, '2'), Overwrite::allow) == Status::ok);
    CHECK(seen(*retrieve_map("key")) == '2');
    while (check(listener) != "ENOENT") {
    }
    clients.grants.clear();
    start(Origin::inherited);
    CHECK(lost_maps == 1);
}

TEST_CASE_METHOD(RangeMachine, "a map entry whose owner goes before it could be mapped again is deleted then") {
    const Buffer memory = page(writer, '1');
    publish_map(writer, "key", memory);
    clients.grants[{writer, memory.grant}].failure = Status::out_of_memory;
    start(Origin::inherited);
    subscribe(listener, ".*", EntryType::map);
    clients.grants.erase({writer, memory.grant});
    CHECK(retrieve_map("key").status() == Status::no_such);
    CHECK(check(listener) == "deleted map key 4096");
    CHECK(list() == std::vector<std::string>{"writer=" + std::to_string(writer.value()),
                                             "listener=" + std::to_string(listener.value()),
                                             "netmgmt=" + std::to_string(manager.value())});
}

TEST_CASE_METHOD(RangeMachine, "of a map entry with a damaged snapshot only the snapshot is dropped") {
    const Buffer memory = page(writer, '1');
    publish_map(writer, "key", memory);
    const std::size_t free_before = free_pages();
    for (std::uint32_t i = 0; i < 3; ++i) REQUIRE(snapshot(writer, "key")->index == i);
    memory_of_page(1)[7] ^= std::byte{1};
    start(Origin::inherited);
    CHECK(report.damaged_snapshots == 1);
    CHECK(report.entries.damaged == 0);
    CHECK(snapshot_text("key", 0) == "1111");
    CHECK(snapshot_text("key", 1) == "ENOENT");
    CHECK(snapshot_text("key", 2) == "1111");
    CHECK(seen(*retrieve_map("key")) == '1');
    CHECK(free_pages() == free_before - 2);
    start(Origin::inherited); // it was taken out of the record
    CHECK(report.damaged_snapshots == 0);
    for (std::uint32_t i = 3; i < 9; ++i) REQUIRE(snapshot(writer, "key")->index == i);
    CHECK(free_pages() == free_before - snapshot_limit);
    CHECK(remove(writer, "key", EntryType::map) == Status::ok);
    CHECK(free_pages() == free_before);
}

TEST_CASE_METHOD(RangeMachine, "an entry whose bytes were damaged is dropped, and alone") {
    publish_memory(writer, "damaged", "some bytes");
    publish_memory(writer, "intact", "other bytes");
    memory_of_page(0)[3] ^= std::byte{1};
    start(Origin::inherited);
    CHECK(report.entries.damaged == 1);
    CHECK(report.entries.kept == 1);
    CHECK(retrieve_memory("damaged").status() == Status::no_such);
    CHECK(*retrieve_memory("intact") == "other bytes");
}

TEST_CASE_METHOD(RangeMachine, "a crash of DS while large values change leaves each old or new") {
    const Buffer mapped = page(writer, '1');
    publish_memory(writer, "memory", std::string(5000, 'a'));
    publish_map(writer, "map", mapped);
    for (int i = 0; i < 6; ++i) (void)snapshot(writer, "map");
    const auto initial = memory.raw();
    memory.forget_history();
    publish_memory(writer, "memory", std::string(9000, 'b'), Overwrite::allow);
    fill(writer, mapped, '2');
    (void)snapshot(writer, "map");
    remove(writer, "memory", EntryType::memory);
    const RecordingMemory recorded = memory;
    std::size_t states = 0;
    recorded.replay(initial, 512, [&](const std::vector<std::byte>& state) {
        memory = RecordingMemory(state);
        start(Origin::inherited);
        REQUIRE(lost_maps == 0);
        const auto value = retrieve_memory("memory");
        if (value.has_value())
            REQUIRE((*value == std::string(5000, 'a') || *value == std::string(9000, 'b')));
        else
            REQUIRE(value.error() == Status::no_such);
        for (std::uint32_t i = 2; i < 6; ++i) REQUIRE(snapshot_text("map", i) == "1111");
        REQUIRE((snapshot_text("map", 6) == "2222" || snapshot_text("map", 1) == "1111"));
        REQUIRE(snapshot(writer, "map").has_value());
        ++states;
    });
    CHECK(states > 20);
}
