// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Processes with grant tables of four entries at `data`, and memory to grant on the page behind.

#include "kernel/abi/calls/grants.h"
#include "tests/unit/kernel/system.h"

namespace tessera::kernel::test {

inline constexpr VirtualAddress grant_table = data;
inline constexpr VirtualAddress granted_memory = data + page_bytes;
inline constexpr VirtualAddress buffer = data + 1024;
inline constexpr GrantId granted_id{2, 3};

inline void set_entry(System& system, Process& grantor, const GrantEntry& entry) {
    system.memory(grantor).put(grant_table + granted_id.index() * sizeof(GrantEntry), entry);
}

inline GrantEntry get_entry(System& system, Process& grantor) {
    return system.memory(grantor).get<GrantEntry>(grant_table + granted_id.index() * sizeof(GrantEntry));
}

inline Process& start_grantor(System& system, std::string_view name, const GrantEntry& entry, Rights rights = {}) {
    Process& process = system.start(name, rights);
    if (!system.call<kernel_calls::GrantTableSet>(process, {grant_table, 4}).has_value())
        throw std::logic_error("the kernel refused a grant table");
    set_entry(system, process, entry);
    return process;
}

// All of the second page, for reading and writing.
inline GrantEntry direct_entry(Endpoint grantee) {
    return {.kind = GrantKind::direct,
            .rights = GrantRights::read | GrantRights::write,
            .sequence = granted_id.sequence(),
            .grantee = grantee,
            .address = granted_memory.value,
            .bytes = page_bytes};
}

} // namespace tessera::kernel::test
