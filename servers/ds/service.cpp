// SPDX-License-Identifier: BSD-3-Clause
// Publishing, retrieving and deleting. What a client gives is checked here; a bad grant is its own error.

#include "servers/ds/service.h"

namespace tessera::ds {

using namespace protocol::ds;
using runtime::Outcome;

Result<std::string_view> Service::read_key(Endpoint caller, Buffer buffer, KeyText& storage) {
    if (buffer.bytes == 0 || buffer.bytes >= key_limit) return Status::invalid;
    const auto target = std::span(storage).first(buffer.bytes);
    TESSERA_TRY(clients_.read({caller, buffer}, std::as_writable_bytes(target)));
    const std::string_view key(target.data(), target.size());
    if (!valid_key(key)) return Status::invalid;
    return key;
}

Completion Service::write(Endpoint caller, Buffer buffer, std::span<const std::byte> bytes) {
    const auto source = bytes.first(std::min<std::size_t>(bytes.size(), buffer.bytes));
    if (source.empty()) return Done{};
    return clients_.write({caller, buffer}, source);
}

// A service that was started a moment ago may be here before RS's notification. no_such: not a service.
Result<Name> Service::label_of(Endpoint caller) {
    const Label* label = labels_.by_endpoint(caller);
    if (label == nullptr) {
        update_labels();
        label = labels_.by_endpoint(caller);
    }
    if (label == nullptr) return Status::no_such;
    return label->name;
}

Result<const EntryRecord*> Service::find(Endpoint caller, Buffer key, EntryType type) {
    KeyText storage;
    const EntryRecord* record = entries_.find(TESSERA_TRY(read_key(caller, key, storage)), type);
    if (record == nullptr) return Status::no_such;
    return record;
}

// The value comes last: of what is refused anyhow, no bytes are copied.
Result<EntryRecord> Service::new_record(EntryType type, Buffer key, Overwrite overwrite, Endpoint caller) {
    KeyText storage;
    const std::string_view text = TESSERA_TRY(read_key(caller, key, storage));
    const auto owner = label_of(caller);
    if (!owner.has_value()) return Status::not_permitted;
    EntryRecord record{.type = type, .key_bytes = static_cast<std::uint8_t>(text.size()), .owner = *owner};
    store_text(record.key_field, text);
    TESSERA_TRY(entries_.may_publish(record, overwrite));
    return record;
}

Completion Service::publish(const EntryRecord& record, Overwrite overwrite) {
    const Change change = TESSERA_TRY(entries_.publish(record, overwrite));
    post(KeyChange::of(change, record.type, record.key(), record.number));
    return Done{};
}

Outcome<protocol::Nothing> Service::handle(PublishU32, const PublishU32::Request& request, Endpoint caller) {
    EntryRecord record = TESSERA_TRY(new_record(EntryType::u32, request.key, request.overwrite, caller));
    record.number = request.value;
    TESSERA_TRY(publish(record, request.overwrite));
    return protocol::Nothing{};
}

Outcome<protocol::Nothing> Service::handle(PublishString, const PublishString::Request& request, Endpoint caller) {
    if (request.value.bytes > string_limit) return Status::invalid;
    EntryRecord record = TESSERA_TRY(new_record(EntryType::string, request.key, request.overwrite, caller));
    record.value_bytes = static_cast<std::uint16_t>(request.value.bytes);
    if (record.value_bytes != 0) {
        const auto target = std::as_writable_bytes(std::span(record.value_field).first(record.value_bytes));
        TESSERA_TRY(clients_.read({caller, request.value}, target));
    }
    if (!valid_string(record.text())) return Status::invalid;
    TESSERA_TRY(publish(record, request.overwrite));
    return protocol::Nothing{};
}

Outcome<RetrieveU32::Reply> Service::handle(RetrieveU32, const RetrieveU32::Request& request, Endpoint caller) {
    KeyText storage;
    const std::string_view key = TESSERA_TRY(read_key(caller, request.key, storage));
    if (request.type == EntryType::label) {
        const Label* label = labels_.by_name(key);
        if (label == nullptr) return Status::no_such;
        return RetrieveU32::Reply{.value = label->endpoint.value(), .owner = Name("rs")};
    }
    if (request.type != EntryType::u32) return Status::invalid;
    const EntryRecord* record = entries_.find(key, EntryType::u32);
    if (record == nullptr) return Status::no_such;
    return RetrieveU32::Reply{.value = record->number, .owner = record->owner};
}

Outcome<RetrieveString::Reply> Service::handle(RetrieveString, const RetrieveString::Request& request,
                                               Endpoint caller) {
    const EntryRecord* record = TESSERA_TRY(find(caller, request.key, EntryType::string));
    TESSERA_TRY(write_text(caller, request.value, record->text()));
    return RetrieveString::Reply{.bytes = record->value_bytes, .owner = record->owner};
}

Outcome<RetrieveLabelName::Reply> Service::handle(RetrieveLabelName, const RetrieveLabelName::Request& request,
                                                  Endpoint) {
    const Label* label = labels_.by_endpoint(request.endpoint);
    if (label == nullptr) return Status::no_such;
    return RetrieveLabelName::Reply{.label = label->name};
}

// Labels are RS's: deleting one is not permitted to anybody.
Result<EntryRecord> Service::remove(std::string_view key, EntryType type, const Name& caller) {
    switch (type) {
    case EntryType::u32:
    case EntryType::string:
    case EntryType::memory:
    case EntryType::map:
        return entries_.remove(key, type, caller);
    case EntryType::label:
        return labels_.by_name(key) != nullptr ? Status::not_permitted : Status::no_such;
    default:
        return Status::invalid;
    }
}

Outcome<protocol::Nothing> Service::handle(Delete, const Delete::Request& request, Endpoint caller) {
    KeyText storage;
    const std::string_view key = TESSERA_TRY(read_key(caller, request.key, storage));
    const auto label = label_of(caller);
    if (!label.has_value()) return Status::not_permitted;
    const EntryRecord removed = TESSERA_TRY(remove(key, request.type, *label));
    if (removed.type == EntryType::map) forget_live(removed.key());
    post(KeyChange::of(Change::deleted, removed.type, removed.key(), removed.number));
    return protocol::Nothing{};
}

// First the entries by position, then the labels.
Outcome<EntryNext::Reply> Service::handle(EntryNext, const EntryNext::Request& request, Endpoint caller) {
    EntryNext::Reply reply{};
    std::string_view key;
    std::string_view text;
    if (const auto entry = entries_.next(request.index)) {
        const EntryRecord& record = *entry->record;
        key = record.key();
        text = record.text();
        const std::uint32_t value = record.type == EntryType::string ? record.value_bytes : record.number;
        reply = {.index = static_cast<std::uint32_t>(entry->position),
                 .value = value,
                 .snapshots = record.type == EntryType::map ? record.map().taken : 0,
                 .owner = record.owner,
                 .type = record.type};
    } else {
        std::size_t place = request.index < entry_limit ? 0 : request.index - entry_limit;
        while (place < Labels::size() && labels_[place].endpoint == endpoints::none) ++place;
        if (place >= Labels::size()) return Status::no_entry;
        key = labels_[place].name.view();
        reply = {.index = static_cast<std::uint32_t>(entry_limit + place),
                 .value = labels_[place].endpoint.value(),
                 .snapshots = 0,
                 .owner = Name("rs"),
                 .type = EntryType::label};
    }
    reply.key_bytes = static_cast<std::uint8_t>(key.size());
    TESSERA_TRY(write_text(caller, request.key, key));
    TESSERA_TRY(write_text(caller, request.value, text));
    return reply;
}

} // namespace tessera::ds
