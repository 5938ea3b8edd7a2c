// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The part of the VM protocol by which VM tells what it has counted, which pages are shared by whom, and what is free.
//
// Everything long is a walk of small requests: the reply says where the next one goes on, so VM keeps nothing of a walk
// and has nobody's buffer to fill. Each request does a bounded amount of work (servers/vm/sharing.h), however much
// memory there is; other requests and faults are served in between. A walk is therefore no snapshot: what stays as it
// is while it lasts is told exactly once.

#include "kernel/abi/endpoint.h"
#include "kernel/abi/process.h"
#include "kernel/abi/strong.h"
#include "servers/protocols/protocol.h"
#include <bit>

namespace tessera::protocol::vm {

// What VM counts since boot.
enum class CountedEvent : std::uint32_t {
    faults = 0,              // page faults of processes
    requests = 1,            // of the kernel, for memory that it needs on a process's behalf
    pages_supplied = 2,      // for an access to a page that had no frame
    pages_copied = 3,        // as another process had them too
    pages_made_writable = 4, // nobody else had them any more
    pages_there = 5,         // nothing had to be done: the processor knew an older entry, or somebody asked before
    refused_no_region = 6,   // faults and requests
    refused_access = 7,      // the region does not allow it
    refused_no_memory = 8,
    refused_endless = 9, // an access that is allowed and faults again and again
    forks = 10,
    execs = 11,
};
inline constexpr std::size_t counted_event_count = 12;

// The counts of as many events as a reply holds, from `first` on; 0 behind the last.
struct EventCounts {
    static constexpr std::string_view name = "event_counts";
    static constexpr Repeat repeat = Repeat::idempotent;
    struct Request {
        std::uint32_t first; // CountedEvent
    };
    struct Reply {
        std::array<std::uint64_t, payload_bytes / sizeof(std::uint64_t)> counts;
    };
    static constexpr std::array<Status, 0> errors{};
};

// Counts the pages that have a frame, from `from` on in the region there.
struct PagesCount {
    static constexpr std::string_view name = "pages_count";
    static constexpr Repeat repeat = Repeat::idempotent;
    struct Request {
        Endpoint process;
        VirtualAddress from;
    };
    struct Reply {
        VirtualAddress end;     // counted up to here: the region's end, or less, and one asks again
        std::uint32_t resident; // that have a frame
        std::uint32_t shared;   // of these, those whose frame is mapped more than once
    };
    static constexpr std::array errors{Status::no_such, Status::no_entry};
};

// Processes by slot.
class ProcessSet {
public:
    constexpr void add(std::uint32_t slot) { words_[slot / 64] |= std::uint64_t{1} << slot % 64; }
    constexpr void add(const ProcessSet& other) {
        for (std::size_t i = 0; i < words_.size(); ++i) words_[i] |= other.words_[i];
    }
    constexpr bool contains(std::uint32_t slot) const { return (words_[slot / 64] >> slot % 64 & 1) != 0; }
    // The lowest slot at or after this one; process_limit: none.
    constexpr std::uint32_t next(std::uint32_t slot) const {
        while (slot < process_limit && !contains(slot)) ++slot;
        return slot;
    }
    constexpr std::uint32_t size() const {
        std::uint32_t count = 0;
        for (const std::uint64_t word : words_) count += static_cast<std::uint32_t>(std::popcount(word));
        return count;
    }
    constexpr auto operator<=>(const ProcessSet&) const = default;

private:
    std::array<std::uint64_t, process_limit / 64> words_{};
};

// Why several processes have a frame. Mappings of other processes' memory through grants will be more.
enum class SharingReason : std::uint16_t {
    fork = 0,          // it is copied when one of them writes
    image = 1,         // a page of a program in the boot archive
    shared_memory = 2, // see SharedMemoryNext
};

// The next pages in a row that the same processes have at the same addresses for the same reason, fork or image. They
// are told in the space of the process with the lowest slot of them, and nowhere else. The walk begins at slot 0.
struct SharedRunNext {
    static constexpr std::string_view name = "shared_run_next";
    static constexpr Repeat repeat = Repeat::idempotent;
    struct Request {
        std::uint32_t slot;
        VirtualAddress from;
    };
    struct Reply {
        ProcessSet processes;
        VirtualAddress start;
        VirtualAddress next; // go on here, in the space of `slot`
        std::uint32_t pages; // 0: none up to `next`
        std::uint16_t slot;
        SharingReason reason;
    };
    static constexpr std::array errors{Status::no_entry};
};

// The shared memory of the lowest identity from `identity` on, and those of slot `slot` and above who have it mapped.
struct SharedMemoryNext {
    static constexpr std::string_view name = "shared_memory_next";
    static constexpr Repeat repeat = Repeat::idempotent;
    struct Request {
        std::uint64_t identity;
        std::uint32_t slot;
    };
    struct Reply {
        ProcessSet processes;
        std::uint64_t identity;
        std::uint32_t pages;
        std::uint32_t resident_pages; // that have a frame
        Endpoint maker;
        std::uint32_t slot; // looked at up to here: process_limit, or less, and one asks again from here
    };
    static constexpr std::array errors{Status::no_entry};
};

// The first range of free physical memory that begins at `from` or above.
struct FreeRangeNext {
    static constexpr std::string_view name = "free_range_next";
    static constexpr Repeat repeat = Repeat::idempotent;
    struct Request {
        PhysicalAddress from;
    };
    struct Reply {
        PhysicalAddress base;
        std::uint64_t pages;
    };
    static constexpr std::array errors{Status::no_entry};
};

} // namespace tessera::protocol::vm
