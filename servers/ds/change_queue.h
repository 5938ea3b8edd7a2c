// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The changes that one subscriber was not told of yet. When they get too many, one `missed` stands for all of them: the
// subscriber must read everything anew.

#include "servers/ds/records.h"
#include <deque>

namespace tessera::ds {

using protocol::ds::Change;

struct KeyChange {
    Change change = Change::missed;
    EntryType type = EntryType::any;
    std::uint8_t key_bytes = 0;
    std::uint32_t value = 0; // u32 and label: after the change; memory and map: the bytes
    std::array<char, protocol::ds::key_limit> key_field{};

    std::string_view key() const { return {key_field.data(), key_bytes}; }

    static KeyChange of(Change change, EntryType type, std::string_view key, std::uint32_t value) {
        KeyChange result{
            .change = change, .type = type, .key_bytes = static_cast<std::uint8_t>(key.size()), .value = value};
        store_text(result.key_field, key);
        return result;
    }
};

class ChangeQueue {
public:
    static constexpr std::size_t limit = 64;

    void push(const KeyChange& change) {
        if (changes_.size() == limit)
            miss();
        else
            changes_.push_back(change);
    }
    // Forgets the changes; the subscriber will be told to read everything.
    void miss() { changes_.assign(1, KeyChange{}); }

    bool empty() const { return changes_.empty(); }
    const KeyChange& oldest() const { return changes_.front(); }
    void pop() { changes_.pop_front(); }

private:
    std::deque<KeyChange> changes_;
};

} // namespace tessera::ds
