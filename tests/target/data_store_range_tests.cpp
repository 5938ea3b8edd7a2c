// SPDX-License-Identifier: BSD-3-Clause
// Memory and map entries of DS, and snapshots.

#include "servers/runtime/data_store.h"
#include "tests/target/map_fixture.h"
#include "tests/target/partner.h"
#include <array>

namespace tessera::target {

namespace {

using namespace protocol::ds;
using runtime::DataStore;

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

std::string memory_of(DataStore& ds, std::string_view key, std::size_t room = range_limit, std::uint32_t offset = 0) {
    std::string text(room, '\0');
    const auto found = require_value(ds.retrieve(key, std::as_writable_bytes(std::span(text)), offset));
    text.resize(std::min<std::size_t>(room, found.bytes - offset));
    return text;
}

void memory(Environment& environment) {
    DataStore ds(environment.grants);
    require_status(ds.publish("test.memory", bytes_of("twenty-one bytes here")).status(), Status::ok);
    require_equal(memory_of(ds, "test.memory", 100), "twenty-one bytes here", "with room for more");
    require_equal(memory_of(ds, "test.memory", 8), "twenty-o", "with room for less");
    require_equal(memory_of(ds, "test.memory", 100, 11), "bytes here", "from the middle");
    require_status(ds.publish("test.memory", bytes_of("other")).status(), Status::exists);
    std::string longest(range_limit, '\0');
    for (std::size_t i = 0; i < longest.size(); ++i) longest[i] = static_cast<char>(i % 251);
    require_status(ds.publish("test.memory", bytes_of(longest), Overwrite::allow).status(), Status::ok);
    require(memory_of(ds, "test.memory") == longest, "the longest, whole");
    require_status(ds.publish("test.memory2", bytes_of(longest + "x")).status(), Status::invalid);
    require_status(ds.remove("test.memory", EntryType::memory).status(), Status::ok);
    require_status(ds.retrieve("test.memory", std::span<std::byte>()).status(), Status::no_such);
}

// Pages that an entry shows.
class Shown {
public:
    static constexpr std::size_t bytes = 2 * page_bytes;

    Shown() {
        void* const memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        require(memory != MAP_FAILED, "memory");
        memory_ = static_cast<std::byte*>(memory);
    }
    Shown(const Shown&) = delete;
    Shown& operator=(const Shown&) = delete;
    ~Shown() { (void)munmap(memory_, bytes); }

    std::span<const std::byte> memory() const { return {memory_, bytes}; }
    void set(char value) {
        for (std::size_t i = 0; i < bytes; ++i)
            const_cast<volatile std::byte*>(memory_)[i] = static_cast<std::byte>(value);
    }

private:
    std::byte* memory_ = nullptr;
};

// A map entry that goes with the test, however that ends.
class MapEntry {
public:
    MapEntry(DataStore& ds, std::string_view key, const Shown& shown)
        : ds_(ds),
          key_(key),
          grant_(require_value(ds.publish_map(key, shown.memory()))) {}
    MapEntry(const MapEntry&) = delete;
    MapEntry& operator=(const MapEntry&) = delete;
    ~MapEntry() { (void)ds_.remove(key_, EntryType::map); }

    void end_grant() { grant_ = {}; }
    void publish_anew(const Shown& shown) {
        grant_ = require_value(ds_.publish_map(key_, shown.memory(), Overwrite::allow));
    }

private:
    DataStore& ds_;
    std::string_view key_;
    runtime::Grant grant_;
};

// How many maps of granted memory DS has.
std::size_t maps_of_ds(DataStore& ds) {
    using namespace protocol::vm;
    std::size_t count = 0;
    for (VirtualAddress from{};; ++count) {
        const auto next = runtime::call<VmProtocol, SafemapNext>(
            endpoints::vm, {.process = require_value(ds.endpoint()), .from = from});
        if (next.status() == Status::no_entry) return count;
        from = VirtualAddress(require_value(next).address.value + next->bytes);
    }
}

// What a reader copies from the entry's memory, and from a snapshot.
char copied(DataStore& ds, std::string_view key) {
    std::array<std::byte, Shown::bytes> memory{};
    require_equal(require_value(ds.read_map(key, memory)), Shown::bytes, "bytes");
    require(memory.front() == memory.back(), "all of it is the same");
    return static_cast<char>(memory.front());
}

char snapshot_of(DataStore& ds, std::string_view key, std::uint32_t index) {
    std::array<std::byte, Shown::bytes> memory{};
    require_equal(require_value(ds.retrieve_snapshot(key, index, memory)), Shown::bytes, "bytes");
    require(memory.front() == memory.back(), "all of it is the same");
    return static_cast<char>(memory.front());
}

// An assistant maps it: nobody maps memory of his own.
class Reader {
public:
    Reader(Environment& environment, const DataStore::Map& map) : assistant_(environment.assistant) {
        const auto reply = require_value(assistant_.call<MapGrant>({.grantor = map.memory.grantor(),
                                                                    .grant = map.memory.id(),
                                                                    .offset = 0,
                                                                    .bytes = map.bytes,
                                                                    .address = {},
                                                                    .protection = protocol::vm::Protection::read}));
        require_status(reply.status, Status::ok, "the reader's map");
        address_ = reply.address;
    }
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;
    ~Reader() {
        (void)assistant_.call<UnmapGrant>({.address = address_, .bytes = Shown::bytes, .how = Unmapping::munmap});
    }
    char sees() {
        const auto word =
            require_value(assistant_.call<AccessWord>({.address = address_, .value = 0, .how = AccessWord::How::read}));
        return static_cast<char>(word.value);
    }

private:
    runtime::ServiceConnection<AssistantProtocol>& assistant_;
    VirtualAddress address_;
};

void map(Environment& environment) {
    DataStore ds(environment.grants);
    Shown shown;
    shown.set('1');
    const std::size_t maps_before = maps_of_ds(ds);
    const MapEntry entry(ds, "test.map", shown);
    require_equal(maps_of_ds(ds), maps_before + 1, "DS's maps");
    require_equal(require_value(ds.snapshot("test.map")), 0, "the first snapshot");
    shown.set('2');
    require_equal(copied(ds, "test.map"), '2', "a copy of what is there");
    require_equal(snapshot_of(ds, "test.map", 0), '1', "what was there");
    Reader reader(environment, require_value(ds.retrieve_map("test.map")));
    shown.set('3');
    require_equal(reader.sees(), '3', "it is seen while it changes");
    require_status(ds.remove("test.map", EntryType::map).status(), Status::ok);
    shown.set('4');
    require_equal(reader.sees(), '3', "after the entry's end the reader keeps what was there");
    require_equal(maps_of_ds(ds), maps_before, "DS's maps");
    require_status(ds.retrieve_map("test.map").status(), Status::no_such);
}

void old_snapshots_go(Environment& environment) {
    DataStore ds(environment.grants);
    Shown shown;
    const MapEntry entry(ds, "test.map", shown);
    for (std::uint32_t i = 0; i <= snapshot_limit; ++i) {
        shown.set(static_cast<char>('a' + i));
        require_equal(require_value(ds.snapshot("test.map")), i, "index");
    }
    std::array<std::byte, 1> byte{};
    require_status(ds.retrieve_snapshot("test.map", 0, byte).status(), Status::no_entry, "the oldest");
    for (std::uint32_t i = 1; i <= snapshot_limit; ++i)
        require_equal(snapshot_of(ds, "test.map", i), static_cast<char>('a' + i), "a later one");
    require_status(ds.retrieve_snapshot("test.map", snapshot_limit + 1, byte).status(), Status::no_entry, "none yet");
}

void map_outlives_its_grant(Environment& environment) {
    DataStore ds(environment.grants);
    Shown shown;
    shown.set('1');
    MapEntry entry(ds, "test.map", shown);
    const std::size_t maps_before = maps_of_ds(ds);
    entry.end_grant();
    shown.set('2');
    require_equal(copied(ds, "test.map"), '1', "what was there when the grant ended");
    entry.publish_anew(shown);
    require_equal(copied(ds, "test.map"), '2', "the memory that was published anew");
    entry.publish_anew(shown);
    require_equal(maps_of_ds(ds), maps_before, "DS's maps");
}

void bad_maps(Environment& environment) {
    DataStore ds(environment.grants);
    Shown shown;
    require_status(ds.publish_map("test.map", shown.memory().first(page_bytes - 8)).status(), Status::invalid);
    require_status(ds.publish_map("test.map", shown.memory().subspan(8, page_bytes)).status(), Status::invalid);
    require_status(ds.publish_map("test.map", shown.memory().first(0)).status(), Status::invalid);
    const std::string key = "test.map";
    const auto lent =
        require_value(environment.grants.readable(require_value(ds.endpoint()), std::as_bytes(std::span(key))));
    const auto unmappable = require_value(environment.grants.readable(require_value(ds.endpoint()), shown.memory()));
    runtime::ServiceConnection<DsProtocol> connection{"ds"};
    const auto publish = [&](GrantId memory) {
        return connection
            .call<PublishMap>({.key = {.grant = lent.id(), .bytes = static_cast<std::uint32_t>(key.size())},
                               .memory = {.grant = memory, .bytes = page_bytes},
                               .overwrite = Overwrite::refuse})
            .status();
    };
    require_status(publish(unmappable.id()), Status::not_permitted, "a grant that is not for maps");
    require_status(publish(GrantId(9999, 1)), Status::not_permitted, "a grant that is none");
    require_status(ds.retrieve_map("test.map").status(), Status::no_such);
    require_status(ds.snapshot("test.map").status(), Status::no_such);
}

void ranges_survive_a_crash(Environment& environment) {
    using namespace protocol::rs;
    DataStore ds(environment.grants);
    Shown shown;
    shown.set('1');
    require_status(ds.publish("test.kept", bytes_of("some bytes")).status(), Status::ok);
    const MapEntry entry(ds, "test.kept", shown);
    require_equal(require_value(ds.snapshot("test.kept")), 0, "index");
    Reader reader(environment, require_value(ds.retrieve_map("test.kept")));
    const Endpoint before = require_value(ds.endpoint());
    require_value(runtime::call<RsProtocol, FaultArm>(
        endpoints::rs, {.target = Name("ds"), .model = FaultModel::kill, .delay_milliseconds = 0}));
    wait_for_death(before);
    require_equal(memory_of(ds, "test.kept", 100), "some bytes", "memory");
    require_equal(snapshot_of(ds, "test.kept", 0), '1', "the snapshot");
    shown.set('2');
    require_equal(reader.sees(), '1', "who had mapped it keeps what was there at the crash");
    require_equal(copied(ds, "test.kept"), '2', "DS shows our memory again");
    require_equal(require_value(ds.snapshot("test.kept")), 1, "index");
    require_status(ds.remove("test.kept", EntryType::memory).status(), Status::ok);
}

constexpr std::array tests{
    Test{"ds.memory", memory},
    Test{"ds.map", map},
    Test{"ds.snapshots", old_snapshots_go},
    Test{"ds.map_outlives_its_grant", map_outlives_its_grant},
    Test{"ds.bad_maps", bad_maps},
    Test{"ds.ranges_survive_crash", ranges_survive_a_crash},
};

} // namespace

std::span<const Test> data_store_range_tests() { return tests; }

} // namespace tessera::target
