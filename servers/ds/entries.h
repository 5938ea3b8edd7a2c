// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The published values and who may change them. Each entry keeps one position from its publication to its deletion, so
// that a listing by position neither skips nor repeats an entry that is overwritten meanwhile.

#include "kernel/abi/result.h"
#include "servers/ds/store.h"
#include <array>
#include <optional>

namespace tessera::ds {

using protocol::ds::Change;
using protocol::ds::Overwrite;

// The management server acts for the machine's operator: it may delete any entry, and take snapshots of any map.
inline constexpr Name management_label{"netmgmt"};

class Entries {
public:
    struct Placed {
        std::size_t position;
        const EntryRecord* record;
    };

    // After the store was opened.
    explicit Entries(Store& store);

    // Makes or overwrites the entry; the owner in the record is the caller. What happened, or: exists, not_permitted
    // (overwriting another's entry), no_space. Stored bytes that it had and that the new one has not are free then.
    Result<Change> publish(const EntryRecord& record, Overwrite overwrite);
    // The errors of publish, beforehand.
    Completion may_publish(const EntryRecord& record, Overwrite overwrite) const;

    const EntryRecord* find(std::string_view key, EntryType type) const;
    std::size_t count(EntryType type) const;

    // A copy of what was deleted. no_such; not_permitted: neither owner nor management server.
    Result<EntryRecord> remove(std::string_view key, EntryType type, const Name& caller);

    // The first entry at `position` or after it.
    std::optional<Placed> next(std::size_t position) const;

private:
    std::optional<std::size_t> position_of(std::string_view key, EntryType type) const;
    Result<Change> insert(const EntryRecord& record);
    void release_lost(const EntryRecord& old, const EntryRecord& now);

    Store::Entries& records_;
    Contents& contents_;
    std::array<std::optional<RecordIndex>, protocol::ds::entry_limit> positions_{};
};

} // namespace tessera::ds
