// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// What DS keeps in preserved memory: entries and subscriptions. Their layout is a contract with the next incarnation.

#include "kernel/abi/process.h"
#include "servers/ds/contents.h"
#include "servers/ds/text.h"
#include "servers/protocols/ds.h"
#include <algorithm>
#include <cstring>
#include <string_view>

namespace tessera::ds {

using protocol::ds::EntryType;

// Copies text into a fixed field; it was checked to fit.
template <std::size_t Size> void store_text(std::array<char, Size>& field, std::string_view text) {
    std::copy_n(text.begin(), std::min(text.size(), Size), field.begin());
}

// The memory of a map entry.
struct MappedRange {
    Endpoint owner;
    GrantId grant;
    std::uint32_t bytes = 0;
    std::uint32_t taken = 0; // snapshots, in all
    // Number i is at i % snapshot_limit; no bytes: there is none.
    std::array<StoredRange, protocol::ds::snapshot_limit> snapshots{};

    std::uint32_t kept() const { return std::min<std::uint32_t>(taken, protocol::ds::snapshot_limit); }
    // Nullptr: not taken yet, or dropped.
    const StoredRange* snapshot(std::uint32_t index) const {
        if (index >= taken || index < taken - kept()) return nullptr;
        const StoredRange& found = snapshots[index % snapshots.size()];
        return found.bytes != 0 ? &found : nullptr;
    }
    void add(const StoredRange& snapshot) { snapshots[taken++ % snapshots.size()] = snapshot; }
};

// Several owners may publish under one key only with different types: (key, type) is the identity.
struct EntryRecord {
    EntryType type = EntryType::u32;
    std::uint8_t key_bytes = 0;
    std::uint16_t value_bytes = 0; // of value_field in use
    std::uint32_t number = 0;      // a u32 value, or the bytes of a memory or map entry
    Name owner;
    std::array<char, protocol::ds::key_limit> key_field{};
    // A string value, the StoredRange of a memory entry, or the MappedRange of a map entry.
    std::array<char, protocol::ds::string_limit> value_field{};

    std::string_view key() const { return {key_field.data(), key_bytes}; }
    std::string_view text() const {
        return {value_field.data(), type == EntryType::string ? value_bytes : std::size_t{0}};
    }
    StoredRange memory() const { return value_as<StoredRange>(); }
    MappedRange map() const { return value_as<MappedRange>(); }
    template <class Value> void set_value(const Value& value) {
        static_assert(std::is_trivially_copyable_v<Value> && sizeof(Value) <= sizeof(value_field));
        std::memcpy(value_field.data(), &value, sizeof(value));
        value_bytes = sizeof(value);
    }

    // The stored bytes that belong to it.
    template <class Visitor> void for_each_stored(Visitor&& visit) const {
        if (type == EntryType::memory) visit(memory());
        if (type != EntryType::map) return;
        const MappedRange mapped = map();
        for (std::uint32_t i = 0; i < mapped.kept(); ++i) visit(mapped.snapshots[i]);
    }
    bool owns(const StoredRange& range) const {
        bool found = false;
        for_each_stored([&](const StoredRange& own) { found = found || own == range; });
        return found;
    }

    std::size_t used_bytes() const { return offsetof(EntryRecord, value_field) + value_bytes; }
    bool well_formed() const {
        return value_fits() && key_bytes < key_field.size() && valid_key(key()) && valid_string(text());
    }
    bool same_identity(const EntryRecord& other) const { return type == other.type && key() == other.key(); }

private:
    template <class Value> Value value_as() const {
        Value value;
        std::memcpy(static_cast<void*>(&value), value_field.data(), sizeof(value));
        return value;
    }
    bool value_fits() const {
        switch (type) {
        case EntryType::u32:
            return value_bytes == 0;
        case EntryType::string:
            return value_bytes <= value_field.size();
        case EntryType::memory:
            return value_bytes == sizeof(StoredRange);
        case EntryType::map:
            return value_bytes == sizeof(MappedRange);
        default:
            return false;
        }
    }
};
static_assert(sizeof(EntryRecord) == 1128 && sizeof(MappedRange) == 76);

// An owner's wish to hear of changes to entries whose whole key matches the pattern.
struct SubscriptionRecord {
    Name owner;
    EntryType type = EntryType::any;
    std::uint8_t pattern_bytes = 0;
    std::array<char, protocol::ds::key_limit> pattern_field{};

    std::string_view pattern() const { return {pattern_field.data(), pattern_bytes}; }

    std::size_t used_bytes() const { return sizeof(SubscriptionRecord); }
    bool well_formed() const { return pattern_bytes < pattern_field.size() && valid_key(pattern()); }
    bool same_identity(const SubscriptionRecord& other) const {
        return owner == other.owner && type == other.type && pattern() == other.pattern();
    }
};
static_assert(sizeof(SubscriptionRecord) == 98);

} // namespace tessera::ds
