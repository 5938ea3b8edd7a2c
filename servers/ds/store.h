// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The whole of DS's preserved memory: the entries, the subscriptions, then the bytes of large values. Every record
// proves itself, so there is no header whose loss would lose all.

#include "servers/ds/record_table.h"
#include "servers/ds/records.h"
#include <vector>

namespace tessera::ds {

inline constexpr std::size_t subscription_limit = 128;

enum class Origin : std::uint8_t { fresh, inherited }; // new memory, or a predecessor's

class Store {
public:
    using Entries = RecordTable<EntryRecord, protocol::ds::entry_limit>;
    using Subscriptions = RecordTable<SubscriptionRecord, subscription_limit>;

    // Up to the first whole page behind the records.
    static constexpr std::size_t records_bytes =
        pages_for(Entries::memory_bytes + Subscriptions::memory_bytes) * page_bytes;
    static constexpr std::size_t memory_bytes = records_bytes + Contents::memory_bytes;

    struct Report {
        Recovery entries;
        Recovery subscriptions;
        std::size_t damaged_snapshots = 0;
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
            claim_contents(report);
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
    // A memory entry whose bytes are damaged is dropped; of a map entry only the snapshot is.
    void claim_contents(Report& report) {
        std::vector<RecordIndex> found; // dropping a snapshot moves the record
        entries_.for_each([&](RecordIndex index, const EntryRecord&) { found.push_back(index); });
        for (const RecordIndex index : found) {
            EntryRecord record = entries_[index];
            if (record.type == EntryType::memory && !contents_.claim(record.memory())) {
                entries_.erase(index);
                --report.entries.kept;
                ++report.entries.damaged;
            } else if (record.type == EntryType::map) {
                const std::size_t damaged = claim_snapshots(record);
                if (damaged != 0) entries_.replace(index, record);
                report.damaged_snapshots += damaged;
            }
        }
    }

    std::size_t claim_snapshots(EntryRecord& record) {
        std::size_t damaged = 0;
        MappedRange mapped = record.map();
        for (StoredRange& snapshot : mapped.snapshots) {
            if (contents_.claim(snapshot)) continue;
            snapshot = {};
            ++damaged;
        }
        record.set_value(mapped);
        return damaged;
    }

    Entries entries_;
    Subscriptions subscriptions_;
    Contents contents_;
};

} // namespace tessera::ds
