// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/core/asynchronous.h"

namespace tessera::kernel {

void AsynchronousQueue::push(AsynchronousMessage& message) {
    message.next = nullptr;
    (first_ == nullptr ? first_ : last_->next) = &message;
    last_ = &message;
}

AsynchronousMessage* AsynchronousQueue::take(Endpoint from) {
    AsynchronousMessage* previous = nullptr;
    for (AsynchronousMessage* entry = first_; entry != nullptr; previous = entry, entry = entry->next) {
        if (from != endpoints::any && entry->from != from) continue;
        (previous == nullptr ? first_ : previous->next) = entry->next;
        if (last_ == entry) last_ = previous;
        return entry;
    }
    return nullptr;
}

bool AsynchronousQueue::has(Endpoint from) const {
    for (const AsynchronousMessage* entry = first_; entry != nullptr; entry = entry->next)
        if (entry->from == from) return true;
    return false;
}

} // namespace tessera::kernel
