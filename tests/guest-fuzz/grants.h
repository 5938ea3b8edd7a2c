// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// A grant table in memory of its own, whose entries let the fuzzer copy within the terrain.

#include "kernel/abi/calls/grants.h"
#include "kernel/abi/grant.h"
#include "servers/runtime/kernel.h"
#include "tests/guest-fuzz/values.h"

namespace tessera::guest_fuzz {

class GrantEntries {
public:
    // New entries, most of them good, and the table registered: random calls have registered others.
    void renew(Random& random, Values& values) {
        for (GrantEntry& entry : entries_) {
            entry = {.kind = static_cast<GrantKind>(random.one_in(2) ? random.below(5) : 1),
                     .rights = static_cast<GrantRights>(random.one_in(4) ? random.word() : 3),
                     .grantee = random.one_in(4) ? values.endpoint() : endpoints::any,
                     .source = random.one_in(2) ? values.self() : values.endpoint(),
                     .previous = GrantId(static_cast<std::uint32_t>(random.below(20)), 1)};
            entry.address = Terrain::base.value + random.below(Terrain::bytes);
            entry.bytes = random.one_in(8) ? values.number() : random.below(2 * page_bytes);
        }
        (void)kernel_call<kernel_calls::GrantTableSet>(
            {.address = {reinterpret_cast<std::uint64_t>(entries_.data())}, .entries = entries_.size()});
    }

private:
    std::array<GrantEntry, 16> entries_{};
};

} // namespace tessera::guest_fuzz
