// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The operations of DsProtocol.

#include "servers/ds/clients.h"
#include "servers/ds/entries.h"
#include "servers/ds/live_ranges.h"
#include "servers/ds/subscriptions.h"
#include "servers/runtime/server.h"

namespace tessera::ds {

class Service {
public:
    // The store was opened before.
    Service(Store& store, Clients& clients, runtime::GrantTable& grants)
        : clients_(clients),
          grants_(grants),
          contents_(store.contents()),
          entries_(store),
          subscriptions_(store.subscriptions()) {}

    using Nothing = protocol::Nothing;
    template <class Reply> using Outcome = runtime::Outcome<Reply>;

    Outcome<Nothing> handle(protocol::ds::PublishU32, const protocol::ds::PublishU32::Request&, Endpoint caller);
    Outcome<Nothing> handle(protocol::ds::PublishString, const protocol::ds::PublishString::Request&, Endpoint caller);
    Outcome<protocol::ds::RetrieveU32::Reply> handle(protocol::ds::RetrieveU32,
                                                     const protocol::ds::RetrieveU32::Request&, Endpoint caller);
    Outcome<protocol::ds::RetrieveString::Reply> handle(protocol::ds::RetrieveString,
                                                        const protocol::ds::RetrieveString::Request&, Endpoint caller);
    Outcome<protocol::ds::RetrieveLabelName::Reply>
    handle(protocol::ds::RetrieveLabelName, const protocol::ds::RetrieveLabelName::Request&, Endpoint caller);
    Outcome<Nothing> handle(protocol::ds::PublishMemory, const protocol::ds::PublishMemory::Request&, Endpoint caller);
    Outcome<protocol::ds::RetrieveMemory::Reply> handle(protocol::ds::RetrieveMemory,
                                                        const protocol::ds::RetrieveMemory::Request&, Endpoint caller);
    Outcome<Nothing> handle(protocol::ds::PublishMap, const protocol::ds::PublishMap::Request&, Endpoint caller);
    Outcome<protocol::ds::RetrieveMap::Reply> handle(protocol::ds::RetrieveMap,
                                                     const protocol::ds::RetrieveMap::Request&, Endpoint caller);
    Outcome<protocol::ds::Snapshot::Reply> handle(protocol::ds::Snapshot, const protocol::ds::Snapshot::Request&,
                                                  Endpoint caller);
    Outcome<protocol::ds::RetrieveSnapshot::Reply>
    handle(protocol::ds::RetrieveSnapshot, const protocol::ds::RetrieveSnapshot::Request&, Endpoint caller);
    Outcome<Nothing> handle(protocol::ds::Delete, const protocol::ds::Delete::Request&, Endpoint caller);
    Outcome<protocol::ds::EntryNext::Reply> handle(protocol::ds::EntryNext, const protocol::ds::EntryNext::Request&,
                                                   Endpoint caller);
    Outcome<Nothing> handle(protocol::ds::Subscribe, const protocol::ds::Subscribe::Request&, Endpoint caller);
    Outcome<protocol::ds::Check::Reply> handle(protocol::ds::Check, const protocol::ds::Check::Request&,
                                               Endpoint caller);

    // RS rings when a service came or went.
    void notified(Endpoint source, const NotificationMessage&) {
        if (source == endpoints::rs) update_labels();
    }
    // Reads RS's list, tells subscribers of what changed, and wakes those that came back to a waiting queue.
    void update_labels();
    // Maps the memory of map entries again after a restart; an entry whose owner has gone is removed. How many were.
    // For an entry that there is no memory for now it is tried again when somebody asks.
    std::size_t resume_maps();

private:
    using KeyText = std::array<char, protocol::ds::key_limit>;
    using EntryType = protocol::ds::EntryType;

    Result<std::string_view> read_key(Endpoint caller, protocol::ds::Buffer buffer, KeyText& storage);
    // At most as much as the client has room for.
    Completion write(Endpoint caller, protocol::ds::Buffer buffer, std::span<const std::byte> bytes);
    Completion write_text(Endpoint caller, protocol::ds::Buffer buffer, std::string_view text) {
        return write(caller, buffer, std::as_bytes(std::span(text)));
    }
    Result<Name> label_of(Endpoint caller);
    // The entry that the caller asks for. no_such; and the errors of read_key.
    Result<const EntryRecord*> find(Endpoint caller, protocol::ds::Buffer key, EntryType type);
    // What a caller wants to publish, so far as it is the same for all types; it may publish it.
    Result<EntryRecord> new_record(EntryType type, protocol::ds::Buffer key, Overwrite overwrite, Endpoint caller);
    Completion publish(const EntryRecord& record, Overwrite overwrite);
    // no_such: its owner has gone, and so the entry has. out_of_memory: it cannot be mapped now.
    Result<const LiveRange*> live_range(const EntryRecord& record);
    Result<EntryRecord> remove(std::string_view key, EntryType type, const Name& caller);
    void forget_live(std::string_view key) {
        if (const auto live = live_.find(key); live != live_.end()) live_.erase(live);
    }
    void post(const KeyChange& change);

    Clients& clients_;
    runtime::GrantTable& grants_;
    Contents& contents_;
    Entries entries_;
    LiveRanges live_;
    Labels labels_;
    Subscriptions subscriptions_;
};

} // namespace tessera::ds
