// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The kernel's grants in words, and where they lead. The walk follows the rules of the kernel's own check without being
// a use: it changes no counter and works for grants to others.

#include "kernel/abi/grant.h"
#include "kernel/abi/result.h"
#include "netmgmt/decode/name_of.h"
#include "netmgmt/view/grant_view.h"

namespace tessera::netmgmt {

/// What the walk wants to know.
class GrantTables {
public:
    /// dead_endpoint: the grantor does not live; no_entry: the index is not used; others: the table cannot be read.
    virtual Result<tessera::GrantEntry> entry(Endpoint grantor, std::uint32_t index) = 0;
    /// Whether the kernel honours its magic grants.
    virtual bool may_grant_magic(Endpoint grantor) = 0;
    /// Whether magic grants may be of its memory. dead_endpoint.
    virtual Result<bool> is_user(Endpoint process) = 0;

protected:
    ~GrantTables() = default;
};

[[nodiscard]] GrantEntry decoded(const tessera::GrantEntry& raw, Endpoint grantor, std::uint32_t index,
                                 const NameOf& name_of);

/// The grant and all that it leads through. dead_endpoint, no_entry: there is no such grant.
[[nodiscard]] Result<GrantDetail> followed(tessera::GrantHop first, GrantTables& tables, const NameOf& name_of);

} // namespace tessera::netmgmt
