// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The ring of trace entries. New ones take the place of the oldest; a reader is told how many it missed.

#include "kernel/abi/trace.h"
#include "kernel/core/limits.h"
#include <span>

namespace tessera::kernel {

class Trace {
public:
    // Entries in order, in two pieces where the ring begins anew.
    struct Reading {
        std::uint64_t first = 0; // sequence of the first entry, or of the next one to come
        std::uint64_t lost = 0;  // entries from the wanted one on that were overwritten, or dropped by clear
        std::span<const TraceEntry> head;
        std::span<const TraceEntry> tail;
        std::uint64_t count() const { return head.size() + tail.size(); }
    };

    // Sequence and time are set here.
    void append(TraceEntry entry);
    // At most `capacity` entries from sequence `wanted` on; 0 stands for the oldest since the last clear.
    Reading read(std::uint64_t wanted, std::uint64_t capacity) const;
    // The newest entries, at most `capacity`.
    Reading newest(std::uint64_t capacity) const;
    // Forgets all entries; sequences go on.
    void clear() { begin_ = next_; }
    std::uint64_t next_sequence() const { return next_; }

private:
    std::uint64_t oldest() const { return next_ - begin_ > trace_entries ? next_ - trace_entries : begin_; }

    std::array<TraceEntry, trace_entries> entries_{};
    std::uint64_t next_ = 1;
    std::uint64_t begin_ = 1; // the first sequence since the last clear
};

} // namespace tessera::kernel
