// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Grant tables that a test can write into, as processes do.

#include "netmgmt/decode/grant_chain.h"

#include <functional>
#include <map>
#include <set>

namespace tessera::netmgmt::test {

class FakeGrants final : public GrantView, GrantTables {
public:
    using Table = std::map<std::uint32_t, tessera::GrantEntry>; ///< by index

    FakeGrants(const std::function<SystemResult<void>()>& interfere, NameOf name_of);

    std::map<Endpoint, Table> tables; ///< of every process that lives
    std::set<Endpoint> unreadable;    ///< whose tables are not in memory
    std::set<Endpoint> users;
    std::set<Endpoint> magicians; ///< who may make magic grants

    ListResult list(std::optional<EndpointNumber> grantor, Range range, Visitor<GrantEntry>& visitor) override;
    SystemResult<GrantDetail> get(EndpointNumber grantor, std::uint32_t grant) override;

private:
    Result<tessera::GrantEntry> entry(Endpoint grantor, std::uint32_t index) override;
    bool may_grant_magic(Endpoint grantor) override { return magicians.contains(grantor); }
    Result<bool> is_user(Endpoint process) override;
    SystemResult<void> allowed(std::optional<EndpointNumber> process);

    const std::function<SystemResult<void>()>& interfere_;
    NameOf name_of_;
};

} // namespace tessera::netmgmt::test
