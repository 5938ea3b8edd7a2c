// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Who sends to whom, how often. A table of its own and not derived from the trace: the ring forgets, this does not.

#include "kernel/abi/result.h"
#include "kernel/abi/trace.h"
#include "kernel/core/limits.h"

namespace tessera::kernel {

class MessageCounts {
public:
    void count_message(Endpoint from, Endpoint to);
    void count_notification(Endpoint from, Endpoint to);
    // The pairs in the order in which they were first seen. no_entry.
    Result<const MessageCount*> read(std::uint64_t index) const;
    // Deliveries between pairs for which there was no room.
    std::uint64_t uncounted() const { return uncounted_; }
    void clear();

private:
    MessageCount* pair(Endpoint from, Endpoint to); // nullptr: no room

    std::array<MessageCount, message_pairs> pairs_{};
    std::size_t used_ = 0;
    std::uint64_t uncounted_ = 0;
};

} // namespace tessera::kernel
