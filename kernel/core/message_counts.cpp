// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/core/message_counts.h"

namespace tessera::kernel {

// Looked through from the first: a system has a few dozen pairs, and the busy ones come early.
MessageCount* MessageCounts::pair(Endpoint from, Endpoint to) {
    for (std::size_t i = 0; i < used_; ++i)
        if (pairs_[i].from == from && pairs_[i].to == to) return &pairs_[i];
    if (used_ == pairs_.size()) {
        ++uncounted_;
        return nullptr;
    }
    pairs_[used_] = {from, to};
    return &pairs_[used_++];
}

void MessageCounts::count_message(Endpoint from, Endpoint to) {
    if (MessageCount* counted = pair(from, to)) ++counted->messages;
}

void MessageCounts::count_notification(Endpoint from, Endpoint to) {
    if (MessageCount* counted = pair(from, to)) ++counted->notifications;
}

Result<const MessageCount*> MessageCounts::read(std::uint64_t index) const {
    if (index >= used_) return Status::no_entry;
    return &pairs_[index];
}

void MessageCounts::clear() {
    used_ = 0;
    uncounted_ = 0;
}

} // namespace tessera::kernel
