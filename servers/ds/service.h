// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The operations of DsProtocol.

#include "servers/ds/clients.h"
#include "servers/ds/entries.h"
#include "servers/ds/subscriptions.h"
#include "servers/runtime/server.h"

namespace tessera::ds {

class Service {
public:
    // The store was opened before.
    Service(Store& store, Clients& clients)
        : clients_(clients),
          entries_(store.entries()),
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

private:
    using KeyText = std::array<char, protocol::ds::key_limit>;

    Result<std::string_view> read_key(Endpoint caller, protocol::ds::Buffer buffer, KeyText& storage);
    Completion write_text(Endpoint caller, protocol::ds::Buffer buffer, std::string_view text);
    Result<Name> label_of(Endpoint caller);
    Completion publish(EntryRecord& record, Overwrite overwrite, Endpoint caller);
    Result<EntryRecord> remove(std::string_view key, EntryType type, const Name& caller);
    void post(const KeyChange& change);

    Clients& clients_;
    Entries entries_;
    Labels labels_;
    Subscriptions subscriptions_;
};

} // namespace tessera::ds
