// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Grant tables that a test can write into, as processes do, and maps of granted memory, as VM tells of them.

#include "netmgmt/decode/grant_chain.h"
#include "netmgmt/decode/grant_maps.h"

#include <functional>
#include <map>
#include <set>

namespace tessera::netmgmt::test {

struct FakeMap {
    protocol::vm::SafemapNext::Reply map;
    std::vector<tessera::GrantHop> hops;
};

class FakeGrants final : public GrantView, GrantTables, Safemaps {
public:
    using Table = std::map<std::uint32_t, tessera::GrantEntry>; ///< by index

    FakeGrants(const std::function<SystemResult<void>()>& interfere, NameOf name_of);

    std::map<Endpoint, Table> tables; ///< of every process that lives
    std::set<Endpoint> unreadable;    ///< whose tables are not in memory
    std::set<Endpoint> users;
    std::set<Endpoint> magicians;                    ///< who may make magic grants
    std::map<Endpoint, std::vector<FakeMap>> mapped; ///< by grantee, in the order of addresses
    Status vm_status = Status::no_entry;             ///< what VM answers when it has no further map

    ListResult list(std::optional<EndpointNumber> grantor, Range range, Visitor<GrantEntry>& visitor) override;
    SystemResult<GrantDetail> get(EndpointNumber grantor, std::uint32_t grant) override;
    ListResult maps(std::optional<EndpointNumber> grantee, Range range, Visitor<GrantMap>& visitor) override;

private:
    Result<tessera::GrantEntry> entry(Endpoint grantor, std::uint32_t index) override;
    bool may_grant_magic(Endpoint grantor) override { return magicians.contains(grantor); }
    Result<bool> is_user(Endpoint process) override;
    Result<protocol::vm::SafemapNext::Reply> next(const protocol::vm::SafemapNext::Request& request) override;
    Result<protocol::vm::SafemapHop::Reply> hop(const protocol::vm::SafemapHop::Request& request) override;
    SystemResult<void> allowed(std::optional<EndpointNumber> process);

    const std::function<SystemResult<void>()>& interfere_;
    NameOf name_of_;
};

} // namespace tessera::netmgmt::test
