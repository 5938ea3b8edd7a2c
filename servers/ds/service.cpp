// SPDX-License-Identifier: BSD-3-Clause
// Publishing, retrieving and deleting. What a client gives is checked here; a bad grant is its own error.

#include "servers/ds/service.h"

namespace tessera::ds {

using namespace protocol::ds;
using runtime::Outcome;

namespace {

Outcome<protocol::Nothing> outcome(const Completion& completion) {
    if (!completion.has_value()) return completion.error();
    return protocol::Nothing{};
}

} // namespace

Result<std::string_view> Service::read_key(Endpoint caller, Buffer buffer, KeyText& storage) {
    if (buffer.bytes == 0 || buffer.bytes >= key_limit) return Status::invalid;
    const auto target = std::span(storage).first(buffer.bytes);
    TESSERA_TRY(clients_.read(caller, buffer.grant, std::as_writable_bytes(target)));
    const std::string_view key(target.data(), target.size());
    if (!valid_key(key)) return Status::invalid;
    return key;
}

// At most as much as the client has room for.
Completion Service::write_text(Endpoint caller, Buffer buffer, std::string_view text) {
    const std::span source(text.data(), std::min<std::size_t>(text.size(), buffer.bytes));
    if (source.empty()) return Done{};
    return clients_.write(caller, buffer.grant, std::as_bytes(source));
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

Completion Service::publish(EntryRecord& record, Overwrite overwrite, Endpoint caller) {
    const auto owner = label_of(caller);
    if (!owner.has_value()) return Status::not_permitted;
    record.owner = *owner;
    const Change change = TESSERA_TRY(entries_.publish(record, overwrite));
    post(KeyChange::of(change, record.type, record.key(), record.number));
    return Done{};
}

Outcome<protocol::Nothing> Service::handle(PublishU32, const PublishU32::Request& request, Endpoint caller) {
    KeyText storage;
    const auto key = read_key(caller, request.key, storage);
    if (!key.has_value()) return key.error();
    EntryRecord record{
        .type = EntryType::u32, .key_bytes = static_cast<std::uint8_t>(key->size()), .number = request.value};
    store_text(record.key_field, *key);
    return outcome(publish(record, request.overwrite, caller));
}

Outcome<protocol::Nothing> Service::handle(PublishString, const PublishString::Request& request, Endpoint caller) {
    KeyText storage;
    const auto key = read_key(caller, request.key, storage);
    if (!key.has_value()) return key.error();
    if (request.value.bytes > string_limit) return Status::invalid;
    EntryRecord record{.type = EntryType::string,
                       .key_bytes = static_cast<std::uint8_t>(key->size()),
                       .text_bytes = static_cast<std::uint16_t>(request.value.bytes)};
    store_text(record.key_field, *key);
    if (record.text_bytes != 0) {
        const auto target = std::as_writable_bytes(std::span(record.text_field).first(record.text_bytes));
        if (const auto copied = clients_.read(caller, request.value.grant, target); !copied.has_value())
            return copied.error();
    }
    if (!valid_string(record.text())) return Status::invalid;
    return outcome(publish(record, request.overwrite, caller));
}

Outcome<RetrieveU32::Reply> Service::handle(RetrieveU32, const RetrieveU32::Request& request, Endpoint caller) {
    KeyText storage;
    const auto key = read_key(caller, request.key, storage);
    if (!key.has_value()) return key.error();
    if (request.type == EntryType::label) {
        const Label* label = labels_.by_name(*key);
        if (label == nullptr) return Status::no_such;
        return RetrieveU32::Reply{.value = label->endpoint.value(), .owner = Name("rs")};
    }
    if (request.type != EntryType::u32) return Status::invalid;
    const EntryRecord* record = entries_.find(*key, EntryType::u32);
    if (record == nullptr) return Status::no_such;
    return RetrieveU32::Reply{.value = record->number, .owner = record->owner};
}

Outcome<RetrieveString::Reply> Service::handle(RetrieveString, const RetrieveString::Request& request,
                                               Endpoint caller) {
    KeyText storage;
    const auto key = read_key(caller, request.key, storage);
    if (!key.has_value()) return key.error();
    const EntryRecord* record = entries_.find(*key, EntryType::string);
    if (record == nullptr) return Status::no_such;
    if (const auto copied = write_text(caller, request.value, record->text()); !copied.has_value())
        return copied.error();
    return RetrieveString::Reply{.bytes = record->text_bytes, .owner = record->owner};
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
        return entries_.remove(key, type, caller);
    case EntryType::label:
        return labels_.by_name(key) != nullptr ? Status::not_permitted : Status::no_such;
    default:
        return Status::invalid;
    }
}

Outcome<protocol::Nothing> Service::handle(Delete, const Delete::Request& request, Endpoint caller) {
    KeyText storage;
    const auto key = read_key(caller, request.key, storage);
    if (!key.has_value()) return key.error();
    const auto label = label_of(caller);
    if (!label.has_value()) return Status::not_permitted;
    const auto removed = remove(*key, request.type, *label);
    if (!removed.has_value()) return removed.error();
    post(KeyChange::of(Change::deleted, removed->type, removed->key(), removed->number));
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
        const std::uint32_t value = record.type == EntryType::string ? record.text_bytes : record.number;
        reply = {.index = static_cast<std::uint32_t>(entry->position),
                 .value = value,
                 .owner = record.owner,
                 .type = record.type};
    } else {
        std::size_t place = request.index < entry_limit ? 0 : request.index - entry_limit;
        while (place < Labels::size() && labels_[place].endpoint == endpoints::none) ++place;
        if (place >= Labels::size()) return Status::no_entry;
        key = labels_[place].name.view();
        reply = {.index = static_cast<std::uint32_t>(entry_limit + place),
                 .value = labels_[place].endpoint.value(),
                 .owner = Name("rs"),
                 .type = EntryType::label};
    }
    reply.key_bytes = static_cast<std::uint8_t>(key.size());
    if (const auto copied = write_text(caller, request.key, key); !copied.has_value()) return copied.error();
    if (const auto copied = write_text(caller, request.value, text); !copied.has_value()) return copied.error();
    return reply;
}

} // namespace tessera::ds
