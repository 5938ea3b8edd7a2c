// SPDX-License-Identifier: BSD-3-Clause
#include "netmgmt/guest/errors.h"
#include "netmgmt/guest/server_views.h"

namespace tessera::netmgmt::guest {

namespace {

using namespace protocol::ds;

constexpr std::string_view ds_name = "ds";

std::span<const std::byte> bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

DataType type_of(EntryType type) {
    switch (type) {
    case EntryType::string:
        return DataType::string;
    case EntryType::label:
        return DataType::label;
    default:
        return DataType::u32;
    }
}

EntryType type_of(DataType type) {
    switch (type) {
    case DataType::u32:
        return EntryType::u32;
    case DataType::string:
        return EntryType::string;
    case DataType::label:
        return EntryType::label;
    }
    return EntryType::any;
}

constexpr std::array all_types{DataType::u32, DataType::string, DataType::label};

} // namespace

Result<EntryNext::Reply> GuestDataStore::entry_at(std::uint64_t index) {
    runtime::Grant key, value;
    return ds_.call_prepared<EntryNext>([&](Endpoint ds) -> Result<EntryNext::Request> {
        key = TESSERA_TRY(grants_.writable(ds, std::as_writable_bytes(std::span(key_))));
        value = TESSERA_TRY(grants_.writable(ds, std::as_writable_bytes(std::span(value_))));
        return EntryNext::Request{index, {key.id(), key_limit}, {value.id(), string_limit}};
    });
}

ListResult GuestDataStore::list(const std::string& prefix, Range range, Visitor<DataEntry>& visitor) {
    for (std::uint64_t index = range.from.value;; ++index) {
        const auto found = entry_at(index);
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
        if (visitor.visit({index}, entry) == Visit::stop) return {};
    }
}

Result<DataEntry> GuestDataStore::get_number(const std::string& key, EntryType type) {
    runtime::Grant grant;
    const auto reply = TESSERA_TRY(ds_.call_prepared<RetrieveU32>([&](Endpoint ds) -> Result<RetrieveU32::Request> {
        grant = TESSERA_TRY(grants_.readable(ds, bytes_of(key)));
        return RetrieveU32::Request{{grant.id(), static_cast<std::uint32_t>(key.size())}, type};
    }));
    return DataEntry{key, type_of(type), std::string(reply.owner.view()), reply.value};
}

Result<DataEntry> GuestDataStore::get_string(const std::string& key) {
    runtime::Grant key_grant, value_grant;
    const auto reply =
        TESSERA_TRY(ds_.call_prepared<RetrieveString>([&](Endpoint ds) -> Result<RetrieveString::Request> {
            key_grant = TESSERA_TRY(grants_.readable(ds, bytes_of(key)));
            value_grant = TESSERA_TRY(grants_.writable(ds, std::as_writable_bytes(std::span(value_))));
            return RetrieveString::Request{{key_grant.id(), static_cast<std::uint32_t>(key.size())},
                                           {value_grant.id(), string_limit}};
        }));
    const std::size_t length = std::min<std::size_t>(reply.bytes, value_.size());
    return DataEntry{key, DataType::string, std::string(reply.owner.view()), std::string(value_.data(), length)};
}

Result<DataEntry> GuestDataStore::get_one(const std::string& key, DataType type) {
    return type == DataType::string ? get_string(key) : get_number(key, type_of(type));
}

SystemResult<DataEntry> GuestDataStore::get(const std::string& key, std::optional<DataType> type) {
    for (const DataType candidate : all_types) {
        if (type && *type != candidate) continue;
        const Result<DataEntry> found = get_one(key, candidate);
        if (found.has_value()) return *found;
        if (found.error() != Status::no_such) return refusal(found.error(), ds_name);
    }
    return refusal(Status::no_such, ds_name);
}

SystemResult<void> GuestDataStore::publish(const std::string& key, const DataValue& value,
                                           netmgmt::Overwrite overwrite) {
    const auto mode =
        overwrite == netmgmt::Overwrite::allow ? protocol::ds::Overwrite::allow : protocol::ds::Overwrite::refuse;
    runtime::Grant key_grant, value_grant;
    const auto key_buffer = [&](Endpoint ds) -> Result<Buffer> {
        key_grant = TESSERA_TRY(grants_.readable(ds, bytes_of(key)));
        return Buffer{key_grant.id(), static_cast<std::uint32_t>(key.size())};
    };
    Status status = Status::ok;
    if (const auto* number = std::get_if<std::uint32_t>(&value)) {
        status = ds_.call_prepared<PublishU32>([&](Endpoint ds) -> Result<PublishU32::Request> {
                        return PublishU32::Request{TESSERA_TRY(key_buffer(ds)), *number, mode};
                    })
                     .status();
    } else {
        const auto& text = std::get<std::string>(value);
        status = ds_.call_prepared<PublishString>([&](Endpoint ds) -> Result<PublishString::Request> {
                        const Buffer buffer = TESSERA_TRY(key_buffer(ds));
                        value_grant = TESSERA_TRY(grants_.readable(ds, bytes_of(text)));
                        return PublishString::Request{
                            buffer, {value_grant.id(), static_cast<std::uint32_t>(text.size())}, mode};
                    })
                     .status();
    }
    if (status != Status::ok) return refusal(status, ds_name);
    return {};
}

SystemResult<void> GuestDataStore::remove(const std::string& key, std::optional<DataType> type) {
    const auto found = get(key, type);
    if (!found.has_value()) return std::unexpected(found.error());
    runtime::Grant grant;
    const auto reply = ds_.call_prepared<Delete>([&](Endpoint ds) -> Result<Delete::Request> {
        grant = TESSERA_TRY(grants_.readable(ds, bytes_of(key)));
        return Delete::Request{{grant.id(), static_cast<std::uint32_t>(key.size())}, type_of(found->type)};
    });
    if (!reply.has_value()) return refusal(reply.error(), ds_name);
    return {};
}

} // namespace tessera::netmgmt::guest
