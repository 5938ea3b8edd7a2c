// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/core/trace.h"
#include "kernel/arch/contract/machine.h"
#include <algorithm>

namespace tessera::kernel {

void Trace::append(TraceEntry entry) {
    entry.sequence = next_;
    entry.time = arch::counter();
    entries_[next_++ % trace_entries] = entry;
}

Trace::Reading Trace::read(std::uint64_t wanted, std::uint64_t capacity) const {
    if (wanted == 0) wanted = begin_;
    const std::uint64_t first = std::min(std::max(wanted, oldest()), next_);
    const std::uint64_t count = std::min(next_ - first, capacity);
    const std::uint64_t index = first % trace_entries;
    const std::uint64_t before_the_end = std::min(count, trace_entries - index);
    const std::span ring{entries_};
    return {.first = first,
            .lost = first > wanted ? first - wanted : 0,
            .head = ring.subspan(index, before_the_end),
            .tail = ring.first(count - before_the_end)};
}

Trace::Reading Trace::newest(std::uint64_t capacity) const {
    return read(next_ - std::min(next_ - oldest(), capacity), capacity);
}

} // namespace tessera::kernel
