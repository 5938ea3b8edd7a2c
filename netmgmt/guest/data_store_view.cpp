// SPDX-License-Identifier: BSD-3-Clause
#include "netmgmt/guest/errors.h"
#include "netmgmt/guest/server_views.h"

namespace tessera::netmgmt::guest {

namespace {

using protocol::ds::EntryType;

constexpr std::string_view ds_name = "ds";

constexpr std::array types{
    std::pair{DataType::u32, EntryType::u32},     std::pair{DataType::string, EntryType::string},
    std::pair{DataType::label, EntryType::label}, std::pair{DataType::memory, EntryType::memory},
    std::pair{DataType::map, EntryType::map},
};

DataType type_of(EntryType type) {
    for (const auto& [shown, stored] : types)
        if (stored == type) return shown;
    return DataType::u32;
}

EntryType type_of(DataType type) { return types[static_cast<std::size_t>(type)].second; }

protocol::ds::Overwrite mode_of(netmgmt::Overwrite overwrite) {
    return overwrite == netmgmt::Overwrite::allow ? protocol::ds::Overwrite::allow : protocol::ds::Overwrite::refuse;
}

} // namespace

ListResult GuestDataStore::list(const std::string& prefix, Range range, Visitor<DataEntry>& visitor) {
    for (std::uint64_t index = range.from.value;; ++index) {
        const auto found = ds_.next(index, key_, value_);
        if (found.status() == Status::no_entry) return {};
        if (!found.has_value()) return refusal(found.error(), ds_name);
        index = found->index;
        DataEntry entry;
        entry.key.assign(key_.data(), std::min<std::size_t>(found->key_bytes, key_.size()));
        if (!entry.key.starts_with(prefix)) continue;
        entry.type = type_of(found->type);
        entry.owner = found->owner.view();
        if (entry.type == DataType::string)
            entry.value = std::string(value_.data(), std::min<std::size_t>(found->value, value_.size()));
        else
            entry.value = found->value;
        if (entry.type == DataType::map) entry.snapshots = found->snapshots;
        if (visitor.visit({index}, entry) == Visit::stop) return {};
    }
}

Result<DataEntry> GuestDataStore::get_one(const std::string& key, DataType type) {
    DataEntry entry{.key = key, .type = type};
    Name owner("rs");
    if (type == DataType::string) {
        const auto text = TESSERA_TRY(ds_.retrieve(key, std::span(value_)));
        entry.value = std::string(value_.data(), std::min(text.bytes, value_.size()));
        owner = text.owner;
    } else if (type == DataType::memory) {
        const auto memory = TESSERA_TRY(ds_.retrieve(key, std::span<std::byte>()));
        entry.value = static_cast<std::uint32_t>(memory.bytes);
        owner = memory.owner;
    } else if (type == DataType::map) {
        const auto map = TESSERA_TRY(ds_.retrieve_map(key));
        entry.value = static_cast<std::uint32_t>(map.bytes);
        entry.snapshots = map.snapshots;
        owner = map.owner;
    } else {
        const auto number = TESSERA_TRY(ds_.retrieve_number(key, type_of(type)));
        entry.value = number.value;
        owner = number.owner;
    }
    entry.owner = owner.view();
    return entry;
}

SystemResult<DataEntry> GuestDataStore::get(const std::string& key, std::optional<DataType> type) {
    for (const auto& [candidate, stored] : types) {
        if (type && *type != candidate) continue;
        const Result<DataEntry> found = get_one(key, candidate);
        if (found.has_value()) return *found;
        if (found.error() != Status::no_such) return refusal(found.error(), ds_name);
    }
    return refusal(Status::no_such, ds_name);
}

SystemResult<void> GuestDataStore::publish(const std::string& key, const PublishedValue& value,
                                           netmgmt::Overwrite overwrite) {
    const auto published = [&](const auto& one) { return ds_.publish(key, one, mode_of(overwrite)); };
    const Completion done = std::visit(published, value);
    if (!done.has_value()) return refusal(done.error(), ds_name);
    return {};
}

SystemResult<void> GuestDataStore::remove(const std::string& key, std::optional<DataType> type) {
    const auto found = get(key, type);
    if (!found.has_value()) return std::unexpected(found.error());
    const Completion done = ds_.remove(key, type_of(found->type));
    if (!done.has_value()) return refusal(done.error(), ds_name);
    return {};
}

// Into `target`, as much as there is from the offset on; answers the bytes of the whole.
Result<std::size_t> GuestDataStore::read_into(std::span<std::byte> target, const DataPart& part, RangeType type) {
    if (type == RangeType::memory) return TESSERA_TRY(ds_.retrieve(part.key, target, part.offset)).bytes;
    if (part.snapshot) return ds_.retrieve_snapshot(part.key, *part.snapshot, target, part.offset);
    return ds_.read_map(part.key, target, part.offset);
}

SystemResult<DataContents> GuestDataStore::read(const DataPart& part) {
    DataBytes bytes(std::min(part.limit, data_read_limit));
    for (const RangeType type : {RangeType::memory, RangeType::map}) {
        if ((part.type && *part.type != type) || (part.snapshot && type != RangeType::map)) continue;
        const Result<std::size_t> whole = read_into(bytes, part, type);
        if (whole.status() == Status::no_such) continue;
        if (!whole.has_value()) return refusal(whole.error(), ds_name);
        bytes.resize(std::min(bytes.size(), *whole - std::min<std::size_t>(part.offset, *whole)));
        return DataContents{.bytes = static_cast<std::uint32_t>(*whole), .part = std::move(bytes)};
    }
    return refusal(Status::no_such, ds_name);
}

SystemResult<std::uint32_t> GuestDataStore::snapshot(const std::string& key) {
    const auto index = ds_.snapshot(key);
    if (!index.has_value()) return refusal(index.error(), ds_name);
    return *index;
}

} // namespace tessera::netmgmt::guest
