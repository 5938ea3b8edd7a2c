// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The whole of DS's preserved memory: the entries, the subscriptions, then the bytes of large values. Every record
// proves itself, so there is no header whose loss would lose all.

#include "servers/ds/record_table.h"
#include "servers/ds/records.h"

namespace tessera::ds {

inline constexpr std::size_t subscription_limit = 128;

enum class Origin : std::uint8_t { fresh, inherited }; // new memory, or a predecessor's

class Store {
public:
    using Entries = RecordTable<EntryRecord, protocol::ds::entry_limit>;
    using Subscriptions = RecordTable<SubscriptionRecord, subscription_limit>;

    static constexpr std::size_t records_bytes = Entries::memory_bytes + Subscriptions::memory_bytes;
    static constexpr std::size_t memory_bytes = records_bytes + Contents::memory_bytes;

    struct Report {
        Recovery entries;
        Recovery subscriptions;
    };

    // `memory` has at least memory_bytes.
    explicit Store(StableMemory& memory)
        : entries_(memory, 0),
          subscriptions_(memory, Entries::memory_bytes),
          contents_(memory, records_bytes) {}

    // Once, before anything else.
    Report open(Origin origin) {
        contents_.clear();
        if (origin == Origin::inherited) {
            Report report{.entries = entries_.recover(), .subscriptions = subscriptions_.recover()};
            drop_without_contents(report.entries);
            return report;
        }
        entries_.clear();
        subscriptions_.clear();
        return {};
    }

    Entries& entries() { return entries_; }
    Subscriptions& subscriptions() { return subscriptions_; }
    Contents& contents() { return contents_; }

private:
    bool claim(const EntryRecord& record) {
        bool intact = true;
        record.for_each_stored([&](const StoredRange& range) {
            if (!intact || contents_.claim(range)) return;
            intact = false;
        });
        return intact;
    }

    // What such an entry had claimed stays in use until the next start: nothing that may be damaged is written over.
    void drop_without_contents(Recovery& recovery) {
        entries_.for_each([&](RecordIndex index, const EntryRecord& record) {
            if (claim(record)) return;
            entries_.erase(index);
            --recovery.kept;
            ++recovery.damaged;
        });
    }

    Entries entries_;
    Subscriptions subscriptions_;
    Contents contents_;
};

} // namespace tessera::ds
