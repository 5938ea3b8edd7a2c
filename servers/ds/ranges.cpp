// SPDX-License-Identifier: BSD-3-Clause
// Memory and map entries, and snapshots.

#include "servers/ds/service.h"

namespace tessera::ds {

using namespace protocol::ds;
using runtime::Outcome;

namespace {

std::span<const std::byte> after(std::span<const std::byte> bytes, std::uint32_t offset) {
    return bytes.subspan(std::min<std::size_t>(offset, bytes.size()));
}

} // namespace

Outcome<protocol::Nothing> Service::handle(PublishMemory, const PublishMemory::Request& request, Endpoint caller) {
    if (request.value.bytes > range_limit) return Status::invalid;
    EntryRecord record = TESSERA_TRY(new_record(EntryType::memory, request.key, request.overwrite, caller));
    Contents::New contents = TESSERA_TRY(contents_.make(request.value.bytes));
    if (request.value.bytes != 0) TESSERA_TRY(clients_.read({caller, request.value}, contents.memory()));
    record.number = request.value.bytes;
    record.set_value(contents.range());
    TESSERA_TRY(publish(record, request.overwrite));
    std::move(contents).keep();
    return protocol::Nothing{};
}

Outcome<RetrieveMemory::Reply> Service::handle(RetrieveMemory, const RetrieveMemory::Request& request,
                                               Endpoint caller) {
    const EntryRecord* record = TESSERA_TRY(find(caller, request.key, EntryType::memory));
    TESSERA_TRY(write(caller, request.value, after(contents_[record->memory()], request.offset)));
    return RetrieveMemory::Reply{.bytes = record->number, .owner = record->owner};
}

// The memory is mapped before the entry is made, so that there is no entry without it.
Outcome<protocol::Nothing> Service::handle(PublishMap, const PublishMap::Request& request, Endpoint caller) {
    const Buffer& memory = request.memory;
    if (memory.bytes == 0 || memory.bytes % page_bytes != 0 || memory.bytes > range_limit) return Status::invalid;
    EntryRecord record = TESSERA_TRY(new_record(EntryType::map, request.key, request.overwrite, caller));
    const EntryRecord* old = entries_.find(record.key(), EntryType::map);
    if (old == nullptr && entries_.count(EntryType::map) >= map_limit) return Status::no_space;
    LiveRange live = TESSERA_TRY(LiveRange::open(clients_, grants_, {caller, memory}));
    MappedRange mapped = old != nullptr ? old->map() : MappedRange{};
    mapped.owner = caller;
    mapped.grant = memory.grant;
    mapped.bytes = memory.bytes;
    record.number = memory.bytes;
    record.set_value(mapped);
    TESSERA_TRY(publish(record, request.overwrite));
    forget_live(record.key());
    live_.emplace(record.key(), std::move(live));
    return protocol::Nothing{};
}

Outcome<RetrieveMap::Reply> Service::handle(RetrieveMap, const RetrieveMap::Request& request, Endpoint caller) {
    const EntryRecord* record = TESSERA_TRY(find(caller, request.key, EntryType::map));
    const LiveRange* live = TESSERA_TRY(live_range(*record));
    return RetrieveMap::Reply{
        .grant = live->grant(), .bytes = record->number, .snapshots = record->map().taken, .owner = record->owner};
}

// The oldest is dropped only when the new one is safe.
Outcome<Snapshot::Reply> Service::handle(Snapshot, const Snapshot::Request& request, Endpoint caller) {
    const EntryRecord* found = TESSERA_TRY(find(caller, request.key, EntryType::map));
    const auto label = label_of(caller);
    if (!label.has_value() || (*label != found->owner && *label != management_label)) return Status::not_permitted;
    const LiveRange* live = TESSERA_TRY(live_range(*found));
    EntryRecord record = *found;
    Contents::New contents = TESSERA_TRY(contents_.make(record.number));
    std::ranges::copy(live->bytes(), contents.memory().begin());
    MappedRange mapped = record.map();
    mapped.add(contents.range());
    record.set_value(mapped);
    TESSERA_TRY(publish(record, Overwrite::allow));
    std::move(contents).keep();
    return Snapshot::Reply{.index = mapped.taken - 1};
}

Outcome<RetrieveSnapshot::Reply> Service::handle(RetrieveSnapshot, const RetrieveSnapshot::Request& request,
                                                 Endpoint caller) {
    const EntryRecord* record = TESSERA_TRY(find(caller, request.key, EntryType::map));
    const MappedRange mapped = record->map();
    const StoredRange* snapshot = mapped.snapshot(request.index);
    if (snapshot == nullptr) return Status::no_entry;
    TESSERA_TRY(write(caller, request.value, after(contents_[*snapshot], request.offset)));
    return RetrieveSnapshot::Reply{.bytes = snapshot->bytes};
}

// After a restart of DS the memory is mapped anew. What is short now need not be later; anything else means that the
// owner has gone or has taken its grant back.
Result<const LiveRange*> Service::live_range(const EntryRecord& record) {
    if (const auto live = live_.find(record.key()); live != live_.end()) return &live->second;
    const MappedRange mapped = record.map();
    auto opened = LiveRange::open(clients_, grants_, {mapped.owner, {mapped.grant, mapped.bytes}});
    if (opened.has_value()) return &live_.emplace(record.key(), *std::move(opened)).first->second;
    if (opened.error() == Status::out_of_memory) return Status::out_of_memory;
    const EntryRecord removed = TESSERA_TRY(entries_.remove(record.key(), EntryType::map, record.owner));
    post(KeyChange::of(Change::deleted, EntryType::map, removed.key(), removed.number));
    return Status::no_such;
}

std::size_t Service::resume_maps() {
    std::size_t lost = 0;
    for (auto entry = entries_.next(0); entry; entry = entries_.next(entry->position + 1))
        if (entry->record->type == EntryType::map && live_range(*entry->record).status() == Status::no_such) ++lost;
    return lost;
}

} // namespace tessera::ds
