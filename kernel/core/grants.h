// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The check of a grant, done anew for each use: entries are the grantor's memory and can change at any time.

#include "kernel/core/copies.h"

namespace tessera::kernel {

struct GrantedMemory {
    Process* owner = nullptr; // whose memory it is
    VirtualAddress address{}; // of the first byte asked for
};

struct GrantUse {
    Endpoint grantor;
    GrantId grant;
    GrantRights rights = GrantRights::none; // needed
    std::uint64_t offset = 0;
    std::uint64_t bytes = 0;
};

class Grants {
public:
    Grants(ProcessTable& processes, Copies& copies) : processes_(processes), copies_(copies) {}

    // dead_endpoint, not_permitted, bad_address (the table's own memory), suspended.
    Result<GrantedMemory> check(Process& caller, const GrantUse& use);
    // The entry at an index of a process's table. no_entry beyond its end.
    Result<GrantEntry> entry(Process& caller, Process& grantor, std::uint32_t index);

private:
    ProcessTable& processes_;
    Copies& copies_;
};

// The part of the check that needs no memory: whether the entry lets `grantee` use it so. Returns the address.
Result<VirtualAddress> check_direct(const GrantEntry& entry, Endpoint grantee, const GrantUse& use);

} // namespace tessera::kernel
