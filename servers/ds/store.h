// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The whole of DS's preserved memory: the entries, then the subscriptions. Every record proves itself, so there is no
// header whose loss would lose all.

#include "servers/ds/record_table.h"
#include "servers/ds/records.h"

namespace tessera::ds {

inline constexpr std::size_t subscription_limit = 128;

enum class Origin : std::uint8_t { fresh, inherited }; // new memory, or a predecessor's

class Store {
public:
    using Entries = RecordTable<EntryRecord, protocol::ds::entry_limit>;
    using Subscriptions = RecordTable<SubscriptionRecord, subscription_limit>;

    static constexpr std::size_t memory_bytes = Entries::memory_bytes + Subscriptions::memory_bytes;

    struct Report {
        Recovery entries;
        Recovery subscriptions;
    };

    // `memory` has at least memory_bytes.
    explicit Store(StableMemory& memory) : entries_(memory, 0), subscriptions_(memory, Entries::memory_bytes) {}

    // Once, before anything else.
    Report open(Origin origin) {
        if (origin == Origin::inherited)
            return {.entries = entries_.recover(), .subscriptions = subscriptions_.recover()};
        entries_.clear();
        subscriptions_.clear();
        return {};
    }

    Entries& entries() { return entries_; }
    Subscriptions& subscriptions() { return subscriptions_; }

private:
    Entries entries_;
    Subscriptions subscriptions_;
};

} // namespace tessera::ds
