// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// What VM counts since boot.

#include "servers/protocols/vm_information.h"
#include <array>

namespace tessera::vm {

using protocol::vm::CountedEvent;

class EventCounters {
public:
    void count(CountedEvent event) { ++counts_[static_cast<std::size_t>(event)]; }
    std::uint64_t of(CountedEvent event) const { return counts_[static_cast<std::size_t>(event)]; }

    // As many as the reply holds, from this event on; 0 behind the last.
    protocol::vm::EventCounts::Reply from(std::uint32_t first) const {
        protocol::vm::EventCounts::Reply reply{};
        for (std::size_t i = 0; i < reply.counts.size() && first + i < counts_.size(); ++i)
            reply.counts[i] = counts_[first + i];
        return reply;
    }

private:
    std::array<std::uint64_t, protocol::vm::counted_event_count> counts_{};
};

} // namespace tessera::vm
