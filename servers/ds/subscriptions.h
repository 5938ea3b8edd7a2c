// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Who wants to hear of which changes. The subscriptions are preserved; the queues are not: after a restart of DS every
// subscriber finds a `missed`, so that no change that fell into the crash stays unseen.

#include "kernel/abi/result.h"
#include "servers/ds/change_queue.h"
#include "servers/ds/pattern.h"
#include "servers/ds/store.h"
#include <vector>

namespace tessera::ds {

inline constexpr std::size_t subscriptions_per_owner = 16;

class Subscriptions {
public:
    // After the store was opened.
    explicit Subscriptions(Store::Subscriptions& records);

    // The same again is fine. invalid: the pattern; no_space: too many, of this owner or of all.
    Completion subscribe(const Name& owner, std::string_view pattern, EntryType type);

    // Queues a change for every owner with a matching subscription and calls `notify(owner)` for each.
    template <class Visitor> void post(const KeyChange& change, Visitor&& notify) {
        for (Subscriber& subscriber : subscribers_) {
            if (!subscriber.wants(change)) continue;
            subscriber.queue.push(change);
            notify(subscriber.owner);
        }
    }

    // The queue of an owner, or null when it has no subscription.
    ChangeQueue* queue_of(const Name& owner);

private:
    struct Filter {
        Pattern pattern;
        EntryType type;
    };
    struct Subscriber {
        Name owner;
        std::vector<Filter> filters{};
        ChangeQueue queue{};

        bool wants(const KeyChange& change) const;
    };

    Subscriber* find(const Name& owner);
    void add(const Name& owner, Pattern pattern, EntryType type);

    Store::Subscriptions& records_;
    std::vector<Subscriber> subscribers_;
};

} // namespace tessera::ds
