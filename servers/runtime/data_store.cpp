// SPDX-License-Identifier: BSD-3-Clause
#include "servers/runtime/data_store.h"
#include <optional>

namespace tessera::runtime {

using namespace protocol::ds;

Result<DataStore::Lent> DataStore::Lent::to_read(GrantTable& grants, Endpoint ds, std::span<const std::byte> memory) {
    return Lent(TESSERA_TRY(grants.readable(ds, memory)), memory.size());
}

Result<DataStore::Lent> DataStore::Lent::to_write(GrantTable& grants, Endpoint ds, std::span<std::byte> memory) {
    return Lent(TESSERA_TRY(grants.writable(ds, memory)), memory.size());
}

// The grants are made for each attempt anew: a restarted DS has another endpoint.
template <class Operation, class MakeRequest>
Result<typename Operation::Reply> DataStore::call(std::string_view key, MakeRequest&& request) {
    std::optional<Lent> lent_key;
    return ds_.call_prepared<Operation>([&](Endpoint ds) -> Result<typename Operation::Request> {
        lent_key.emplace(TESSERA_TRY(Lent::to_read(grants_, ds, std::as_bytes(std::span(key)))));
        return request(lent_key->buffer());
    });
}

template <class Operation, class MakeRequest>
Result<typename Operation::Reply> DataStore::call_reading(std::string_view key, std::span<const std::byte> value,
                                                          MakeRequest&& request) {
    std::optional<Lent> lent_key, lent_value;
    return ds_.call_prepared<Operation>([&](Endpoint ds) -> Result<typename Operation::Request> {
        lent_key.emplace(TESSERA_TRY(Lent::to_read(grants_, ds, std::as_bytes(std::span(key)))));
        lent_value.emplace(TESSERA_TRY(Lent::to_read(grants_, ds, value)));
        return request(lent_key->buffer(), lent_value->buffer());
    });
}

template <class Operation, class MakeRequest>
Result<typename Operation::Reply> DataStore::call_writing(std::string_view key, std::span<std::byte> value,
                                                          MakeRequest&& request) {
    std::optional<Lent> lent_key, lent_value;
    return ds_.call_prepared<Operation>([&](Endpoint ds) -> Result<typename Operation::Request> {
        lent_key.emplace(TESSERA_TRY(Lent::to_read(grants_, ds, std::as_bytes(std::span(key)))));
        lent_value.emplace(TESSERA_TRY(Lent::to_write(grants_, ds, value)));
        return request(lent_key->buffer(), lent_value->buffer());
    });
}

Completion DataStore::publish(std::string_view key, std::uint32_t value, Overwrite overwrite) {
    TESSERA_TRY(call<PublishU32>(key, [&](Buffer name) { return PublishU32::Request{name, value, overwrite}; }));
    return Done{};
}

Completion DataStore::publish(std::string_view key, std::string_view value, Overwrite overwrite) {
    TESSERA_TRY(call_reading<PublishString>(key, std::as_bytes(std::span(value)), [&](Buffer name, Buffer text) {
        return PublishString::Request{name, text, overwrite};
    }));
    return Done{};
}

Completion DataStore::publish(std::string_view key, std::span<const std::byte> value, Overwrite overwrite) {
    TESSERA_TRY(call_reading<PublishMemory>(
        key, value, [&](Buffer name, Buffer bytes) { return PublishMemory::Request{name, bytes, overwrite}; }));
    return Done{};
}

Result<Grant> DataStore::publish_map(std::string_view key, std::span<const std::byte> memory, Overwrite overwrite) {
    Grant grant = TESSERA_TRY(grants_.mappable(endpoints::any, memory));
    const Buffer granted{.grant = grant.id(), .bytes = static_cast<std::uint32_t>(memory.size())};
    TESSERA_TRY(call<PublishMap>(key, [&](Buffer name) { return PublishMap::Request{name, granted, overwrite}; }));
    return grant;
}

Result<DataStore::Number> DataStore::retrieve_number(std::string_view key, EntryType type) {
    const auto reply =
        TESSERA_TRY(call<RetrieveU32>(key, [&](Buffer name) { return RetrieveU32::Request{name, type}; }));
    return Number{.value = reply.value, .owner = reply.owner};
}

Result<DataStore::Extent> DataStore::retrieve(std::string_view key, std::span<char> text) {
    const auto reply =
        TESSERA_TRY(call_writing<RetrieveString>(key, std::as_writable_bytes(text), [&](Buffer name, Buffer room) {
            return RetrieveString::Request{name, room};
        }));
    return Extent{.bytes = reply.bytes, .owner = reply.owner};
}

Result<DataStore::Extent> DataStore::retrieve(std::string_view key, std::span<std::byte> memory, std::uint32_t offset) {
    const auto reply = TESSERA_TRY(call_writing<RetrieveMemory>(
        key, memory, [&](Buffer name, Buffer room) { return RetrieveMemory::Request{name, room, offset}; }));
    return Extent{.bytes = reply.bytes, .owner = reply.owner};
}

Result<DataStore::Map> DataStore::retrieve_map(std::string_view key) {
    const auto reply = TESSERA_TRY(call<RetrieveMap>(key, [](Buffer name) { return RetrieveMap::Request{name}; }));
    return Map{.memory = GivenGrant(TESSERA_TRY(endpoint()), reply.grant),
               .bytes = reply.bytes,
               .snapshots = reply.snapshots,
               .owner = reply.owner};
}

// Between the two steps the entry may be published anew, or DS restart: then there is another grant.
Result<std::size_t> DataStore::read_map(std::string_view key, std::span<std::byte> memory, std::uint32_t offset) {
    constexpr int attempt_limit = 4;
    for (int attempt = 1;; ++attempt) {
        const Map map = TESSERA_TRY(retrieve_map(key));
        const std::size_t left = map.bytes - std::min<std::size_t>(offset, map.bytes);
        if (left == 0 || memory.empty()) return map.bytes;
        const Completion copied = map.memory.read(offset, memory.first(std::min(left, memory.size())));
        if (copied.has_value()) return map.bytes;
        const bool ended = copied.error() == Status::not_permitted || copied.error() == Status::dead_endpoint;
        if (!ended || attempt == attempt_limit) return copied.error();
    }
}

Result<std::uint32_t> DataStore::snapshot(std::string_view key) {
    return TESSERA_TRY(call<Snapshot>(key, [](Buffer name) { return Snapshot::Request{name}; })).index;
}

Result<std::size_t> DataStore::retrieve_snapshot(std::string_view key, std::uint32_t index, std::span<std::byte> memory,
                                                 std::uint32_t offset) {
    return TESSERA_TRY(call_writing<RetrieveSnapshot>(key, memory,
                                                      [&](Buffer name, Buffer room) {
                                                          return RetrieveSnapshot::Request{name, room, index, offset};
                                                      }))
        .bytes;
}

Completion DataStore::remove(std::string_view key, EntryType type) {
    TESSERA_TRY(call<Delete>(key, [&](Buffer name) { return Delete::Request{name, type}; }));
    return Done{};
}

Result<Name> DataStore::label_of(Endpoint endpoint) {
    return TESSERA_TRY(ds_.call<RetrieveLabelName>({.endpoint = endpoint})).label;
}

Result<EntryNext::Reply> DataStore::next(std::uint64_t index, std::span<char> key, std::span<char> text) {
    std::optional<Lent> lent_key, lent_text;
    return ds_.call_prepared<EntryNext>([&](Endpoint ds) -> Result<EntryNext::Request> {
        lent_key.emplace(TESSERA_TRY(Lent::to_write(grants_, ds, std::as_writable_bytes(key))));
        lent_text.emplace(TESSERA_TRY(Lent::to_write(grants_, ds, std::as_writable_bytes(text))));
        return EntryNext::Request{index, lent_key->buffer(), lent_text->buffer()};
    });
}

Completion DataStore::subscribe(std::string_view pattern, EntryType type) {
    TESSERA_TRY(call<Subscribe>(pattern, [&](Buffer text) { return Subscribe::Request{text, type}; }));
    return Done{};
}

Result<DataStore::KeyChange> DataStore::check() {
    std::array<char, key_limit> key{};
    std::optional<Lent> lent_key;
    const auto reply = TESSERA_TRY(ds_.call_prepared<Check>([&](Endpoint ds) -> Result<Check::Request> {
        lent_key.emplace(TESSERA_TRY(Lent::to_write(grants_, ds, std::as_writable_bytes(std::span(key)))));
        return Check::Request{lent_key->buffer()};
    }));
    return KeyChange{.change = reply.change,
                     .type = reply.type,
                     .value = reply.value,
                     .key = std::string(key.data(), std::min<std::size_t>(reply.key_bytes, key.size()))};
}

} // namespace tessera::runtime
