// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The check of a grant, done anew for each use: entries are the grantor's memory and can change at any time; and the
// copies that grants allow.

#include "kernel/abi/calls/grants.h"
#include "kernel/core/copies.h"

namespace tessera::kernel {

struct GrantUse {
    Endpoint grantor;
    GrantId grant;
    GrantRights rights = GrantRights::none; // needed
    std::uint64_t offset = 0;
    std::uint64_t bytes = 0;
};

// What a use of a grant reaches.
struct GrantedMemory {
    struct Hop {
        Process* grantor;
        VirtualAddress entry; // in the grantor's table
        GrantId grant;
        GrantRights rights;
    };

    Process* owner;         // whose memory it is
    VirtualAddress address; // of the first byte asked for
    GrantRights rights;     // that every grant on the way gives; try_only: that any of them asks for
    std::uint32_t hop_count;
    union { // not set to anything beforehand: a copy of a few bytes would spend a tenth of its time on it
        std::array<Hop, indirect_hop_limit + 1> hops; // as many as were taken, the grant that was used first
    };

    GrantedMemory() {}
};

class Grants {
public:
    Grants(ProcessTable& processes, Copies& copies, KernelCounters& counters)
        : processes_(processes),
          copies_(copies),
          counters_(counters) {}

    // For a use by `grantee`, on behalf of the caller. dead_endpoint, not_permitted, loop, bad_address (a table's own
    // memory), suspended. `memory` is what was found.
    Completion check(Process& caller, Endpoint grantee, const GrantUse& use, GrantedMemory& memory);
    // Counts a use in each grant on the way.
    void count_use(const GrantedMemory& memory);
    // The entry at an index of a process's table. no_entry beyond its end; bad_address, suspended.
    Completion read_entry(Process& caller, Process& grantor, std::uint32_t index, GrantEntry& entry);

    // The use without its rights, which the direction and the fill need. too_big, and the errors of check.
    Completion copy(Process& caller, GrantUse use, CopyDirection direction, VirtualAddress local);
    Completion fill(Process& caller, GrantUse use, std::byte value);

private:
    Completion end_at(const GrantEntry& entry, Process& grantor, const GrantUse& use, GrantedMemory& memory);
    Status soft_fault(const GrantedMemory& memory);
    void count_copy(const GrantedMemory& memory, std::uint64_t bytes);

    ProcessTable& processes_;
    Copies& copies_;
    KernelCounters& counters_;
};

// The part of the check that needs nothing but the entry: whether it lets `grantee` use it so. not_permitted.
Completion check_entry(const GrantEntry& entry, Endpoint grantee, const GrantUse& use);

} // namespace tessera::kernel
