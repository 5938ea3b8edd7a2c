// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// A client of DS, the data store. Keys and values move by grants that end with the call.

#include "servers/protocols/ds.h"
#include "servers/runtime/given_grant.h"
#include "servers/runtime/grants.h"
#include "servers/runtime/service_connection.h"
#include <string>
#include <string_view>

namespace tessera::runtime {

// Errors of every operation: its own (servers/protocols/ds.h), those of a grant, and those of ServiceConnection.
class DataStore {
public:
    using EntryType = protocol::ds::EntryType;
    using Overwrite = protocol::ds::Overwrite;

    explicit DataStore(GrantTable& grants, protocol::rs::LookupWait wait = protocol::rs::LookupWait::until_running)
        : grants_(grants),
          ds_("ds", wait) {}

    Completion publish(std::string_view key, std::uint32_t value, Overwrite overwrite = Overwrite::refuse);
    Completion publish(std::string_view key, std::string_view value, Overwrite overwrite = Overwrite::refuse);
    Completion publish(std::string_view key, std::span<const std::byte> value, Overwrite overwrite = Overwrite::refuse);
    // Whole pages, which others see for as long as the grant lives; then they keep what was in them. It is a grant to
    // anybody, so that a restarted DS has the entry again.
    Result<Grant> publish_map(std::string_view key, std::span<const std::byte> memory,
                              Overwrite overwrite = Overwrite::refuse);

    struct Number {
        std::uint32_t value;
        Name owner;
    };
    Result<Number> retrieve_number(std::string_view key, EntryType type = EntryType::u32); // or label
    // Of a string or memory entry: copies what there is room for, from `offset` on for memory.
    struct Extent {
        std::size_t bytes; // of the whole value
        Name owner;
    };
    Result<Extent> retrieve(std::string_view key, std::span<char> text);
    Result<Extent> retrieve(std::string_view key, std::span<std::byte> memory, std::uint32_t offset = 0);
    // Memory to copy from or to map for reading, as it is at that time.
    struct Map {
        GivenGrant memory;
        std::size_t bytes;
        std::uint32_t snapshots; // how many were taken
        Name owner;
    };
    Result<Map> retrieve_map(std::string_view key);
    // Copies what is there now, as much as there is room for, from `offset` on; answers the bytes of the whole.
    Result<std::size_t> read_map(std::string_view key, std::span<std::byte> memory, std::uint32_t offset = 0);
    // The number of the new snapshot.
    Result<std::uint32_t> snapshot(std::string_view key);
    // Copies what there is room for, and answers the bytes of the whole.
    Result<std::size_t> retrieve_snapshot(std::string_view key, std::uint32_t index, std::span<std::byte> memory,
                                          std::uint32_t offset = 0);

    Completion remove(std::string_view key, EntryType type);
    Result<Name> label_of(Endpoint endpoint);

    // The entry at or after an index, as the protocol's EntryNext; the spans have room for a key and a string.
    Result<protocol::ds::EntryNext::Reply> next(std::uint64_t index, std::span<char> key, std::span<char> text);

    // DS notifies; check tells the oldest change. A pattern: see the protocol's Subscribe.
    Completion subscribe(std::string_view pattern, EntryType type = EntryType::any);
    struct KeyChange {
        protocol::ds::Change change;
        EntryType type;
        std::uint32_t value;
        std::string key;
    };
    Result<KeyChange> check();

    Result<Endpoint> endpoint() { return ds_.endpoint(); }

private:
    using Buffer = protocol::ds::Buffer;

    // Memory that DS may read, or write, as long as this lives.
    class Lent {
    public:
        static Result<Lent> to_read(GrantTable& grants, Endpoint ds, std::span<const std::byte> memory);
        static Result<Lent> to_write(GrantTable& grants, Endpoint ds, std::span<std::byte> memory);
        Buffer buffer() const { return {.grant = grant_.id(), .bytes = bytes_}; }

    private:
        Lent(Grant grant, std::size_t bytes) : grant_(std::move(grant)), bytes_(static_cast<std::uint32_t>(bytes)) {}
        Grant grant_;
        std::uint32_t bytes_;
    };

    // Calls with a key, and with a key and a value; `request` makes the request from the buffers.
    template <class Operation, class MakeRequest>
    Result<typename Operation::Reply> call(std::string_view key, MakeRequest&& request);
    template <class Operation, class MakeRequest>
    Result<typename Operation::Reply> call_reading(std::string_view key, std::span<const std::byte> value,
                                                   MakeRequest&& request);
    template <class Operation, class MakeRequest>
    Result<typename Operation::Reply> call_writing(std::string_view key, std::span<std::byte> value,
                                                   MakeRequest&& request);

    GrantTable& grants_;
    ServiceConnection<protocol::ds::DsProtocol> ds_;
};

} // namespace tessera::runtime
