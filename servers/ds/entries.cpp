// SPDX-License-Identifier: BSD-3-Clause
#include "servers/ds/entries.h"

namespace tessera::ds {

Entries::Entries(Store& store) : records_(store.entries()), contents_(store.contents()) {
    std::size_t position = 0;
    records_.for_each([&](RecordIndex index, const EntryRecord&) { positions_[position++] = index; });
}

Completion Entries::may_publish(const EntryRecord& record, Overwrite overwrite) const {
    const EntryRecord* old = find(record.key(), record.type);
    if (old == nullptr) return records_.full() ? Completion(Status::no_space) : Done{};
    if (overwrite != Overwrite::allow) return Status::exists;
    if (old->owner != record.owner) return Status::not_permitted;
    return Done{};
}

Result<Change> Entries::publish(const EntryRecord& record, Overwrite overwrite) {
    TESSERA_TRY(may_publish(record, overwrite));
    const auto position = position_of(record.key(), record.type);
    if (!position) return insert(record);
    const RecordIndex old_index = *positions_[*position];
    const EntryRecord old = records_[old_index];
    positions_[*position] = records_.replace(old_index, record);
    release_lost(old, record);
    return Change::overwritten;
}

Result<Change> Entries::insert(const EntryRecord& record) {
    const auto index = records_.insert(record);
    if (!index) return Status::no_space;
    // There are as many positions as records that may be in use.
    *std::ranges::find_if(positions_, [](const auto& place) { return !place; }) = index;
    return Change::published;
}

const EntryRecord* Entries::find(std::string_view key, EntryType type) const {
    const auto position = position_of(key, type);
    return position ? &records_[*positions_[*position]] : nullptr;
}

std::size_t Entries::count(EntryType type) const {
    std::size_t count = 0;
    records_.for_each([&](RecordIndex, const EntryRecord& record) { count += record.type == type ? 1 : 0; });
    return count;
}

Result<EntryRecord> Entries::remove(std::string_view key, EntryType type, const Name& caller) {
    const auto position = position_of(key, type);
    if (!position) return Status::no_such;
    const RecordIndex index = *positions_[*position];
    const EntryRecord removed = records_[index];
    if (removed.owner != caller && caller != management_label) return Status::not_permitted;
    records_.erase(index);
    positions_[*position].reset();
    removed.for_each_stored([&](const StoredRange& range) { contents_.release(range); });
    return removed;
}

void Entries::release_lost(const EntryRecord& old, const EntryRecord& now) {
    old.for_each_stored([&](const StoredRange& range) {
        if (!now.owns(range)) contents_.release(range);
    });
}

std::optional<Entries::Placed> Entries::next(std::size_t position) const {
    for (; position < positions_.size(); ++position)
        if (positions_[position]) return Placed{.position = position, .record = &records_[*positions_[position]]};
    return std::nullopt;
}

std::optional<std::size_t> Entries::position_of(std::string_view key, EntryType type) const {
    for (std::size_t position = 0; position < positions_.size(); ++position) {
        if (!positions_[position]) continue;
        const EntryRecord& record = records_[*positions_[position]];
        if (record.type == type && record.key() == key) return position;
    }
    return std::nullopt;
}

} // namespace tessera::ds
