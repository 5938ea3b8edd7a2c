// SPDX-License-Identifier: BSD-3-Clause
#include "servers/ds/subscriptions.h"

namespace tessera::ds {

Subscriptions::Subscriptions(Store::Subscriptions& records) : records_(records) {
    records_.for_each([&](RecordIndex, const SubscriptionRecord& record) {
        // It compiled once; were it refused now, the owner would find no_such at its next check and subscribe again.
        if (auto pattern = Pattern::compile(record.pattern()); pattern.has_value())
            add(record.owner, *std::move(pattern), record.type);
    });
    for (Subscriber& subscriber : subscribers_) subscriber.queue.miss();
}

Completion Subscriptions::subscribe(const Name& owner, std::string_view text, EntryType type) {
    if (!valid_key(text)) return Status::invalid;
    SubscriptionRecord record{.owner = owner, .type = type, .pattern_bytes = static_cast<std::uint8_t>(text.size())};
    store_text(record.pattern_field, text);
    bool known = false;
    records_.for_each([&](RecordIndex, const SubscriptionRecord& other) { known |= record.same_identity(other); });
    if (known) return Done{};
    Pattern pattern = TESSERA_TRY(Pattern::compile(text));
    const Subscriber* subscriber = find(owner);
    if (subscriber != nullptr && subscriber->filters.size() == subscriptions_per_owner) return Status::no_space;
    if (!records_.insert(record)) return Status::no_space;
    add(owner, std::move(pattern), type);
    return Done{};
}

ChangeQueue* Subscriptions::queue_of(const Name& owner) {
    Subscriber* subscriber = find(owner);
    return subscriber != nullptr ? &subscriber->queue : nullptr;
}

bool Subscriptions::Subscriber::wants(const KeyChange& change) const {
    return std::ranges::any_of(filters, [&](const Filter& filter) {
        const bool right_type = filter.type == EntryType::any || filter.type == change.type;
        return right_type && filter.pattern.matches(change.key());
    });
}

Subscriptions::Subscriber* Subscriptions::find(const Name& owner) {
    const auto found = std::ranges::find(subscribers_, owner, &Subscriber::owner);
    return found != subscribers_.end() ? &*found : nullptr;
}

void Subscriptions::add(const Name& owner, Pattern pattern, EntryType type) {
    Subscriber* subscriber = find(owner);
    if (subscriber == nullptr) subscriber = &subscribers_.emplace_back(Subscriber{.owner = owner});
    subscriber->filters.push_back({.pattern = std::move(pattern), .type = type});
}

} // namespace tessera::ds
