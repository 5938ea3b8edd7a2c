// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// What DS keeps in preserved memory: entries and subscriptions. Their layout is a contract with the next incarnation.

#include "kernel/abi/process.h"
#include "servers/ds/text.h"
#include "servers/protocols/ds.h"
#include <algorithm>
#include <string_view>

namespace tessera::ds {

using protocol::ds::EntryType;

// Copies text into a fixed field; it was checked to fit.
template <std::size_t Size> void store_text(std::array<char, Size>& field, std::string_view text) {
    std::copy_n(text.begin(), std::min(text.size(), Size), field.begin());
}

// Several owners may publish under one key only with different types: (key, type) is the identity.
struct EntryRecord {
    EntryType type = EntryType::u32;
    std::uint8_t key_bytes = 0;
    std::uint16_t text_bytes = 0; // of a string value
    std::uint32_t number = 0;     // a u32 value
    Name owner;
    std::array<char, protocol::ds::key_limit> key_field{};
    std::array<char, protocol::ds::string_limit> text_field{};

    std::string_view key() const { return {key_field.data(), key_bytes}; }
    std::string_view text() const { return {text_field.data(), text_bytes}; }

    std::size_t used_bytes() const { return offsetof(EntryRecord, text_field) + text_bytes; }
    bool well_formed() const {
        const bool known_type = type == EntryType::u32 || type == EntryType::string;
        return known_type && key_bytes < key_field.size() && text_bytes <= text_field.size() && valid_key(key()) &&
               valid_string(text());
    }
    bool same_identity(const EntryRecord& other) const { return type == other.type && key() == other.key(); }
};
static_assert(sizeof(EntryRecord) == 1128);

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
