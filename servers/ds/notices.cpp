// SPDX-License-Identifier: BSD-3-Clause
// Labels, subscriptions, and the telling of changes.

#include "servers/ds/service.h"

namespace tessera::ds {

using namespace protocol::ds;

void Service::update_labels() {
    std::array<Label, service_limit> running{};
    const auto count = clients_.running_services(running);
    if (!count.has_value()) return; // what was known stays
    labels_.update(std::span(running).first(*count), [&](const Label& label, Change change) {
        post(KeyChange::of(change, EntryType::label, label.name.view(), label.endpoint.value()));
        if (change == Change::deleted) return;
        const ChangeQueue* waiting = subscriptions_.queue_of(label.name);
        if (waiting != nullptr && !waiting->empty()) clients_.notify(label.endpoint);
    });
}

void Service::post(const KeyChange& change) {
    subscriptions_.post(change, [&](const Name& owner) {
        if (const Label* label = labels_.by_name(owner.view())) clients_.notify(label->endpoint);
    });
}

runtime::Outcome<protocol::Nothing> Service::handle(Subscribe, const Subscribe::Request& request, Endpoint caller) {
    KeyText storage;
    const auto pattern = read_key(caller, request.pattern, storage);
    if (!pattern.has_value()) return pattern.error();
    if (request.type > EntryType::map && request.type != EntryType::any) return Status::invalid;
    const auto owner = label_of(caller);
    if (!owner.has_value()) return owner.error();
    const auto done = subscriptions_.subscribe(*owner, *pattern, request.type);
    if (!done.has_value()) return done.error();
    return protocol::Nothing{};
}

// The change is forgotten only when its key reached the caller.
runtime::Outcome<Check::Reply> Service::handle(Check, const Check::Request& request, Endpoint caller) {
    const auto owner = label_of(caller);
    if (!owner.has_value()) return owner.error();
    ChangeQueue* queue = subscriptions_.queue_of(*owner);
    if (queue == nullptr) return Status::no_such;
    if (queue->empty()) return Status::no_entry;
    const KeyChange change = queue->oldest();
    if (const auto copied = write_text(caller, request.key, change.key()); !copied.has_value()) return copied.error();
    queue->pop();
    return Check::Reply{.change = change.change,
                        .type = change.type,
                        .key_bytes = change.key_bytes,
                        .reserved = 0,
                        .value = change.value};
}

} // namespace tessera::ds
