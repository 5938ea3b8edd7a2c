// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// What VM tells of maps of granted memory, map by map and grant by grant.

#include "kernel/abi/result.h"
#include "netmgmt/decode/name_of.h"
#include "netmgmt/decode/positions.h"
#include "netmgmt/view/grant_view.h"
#include "servers/protocols/vm_grants.h"

namespace tessera::netmgmt {

/// The questions that VM answers.
class Safemaps {
public:
    virtual Result<protocol::vm::SafemapNext::Reply> next(const protocol::vm::SafemapNext::Request& request) = 0;
    virtual Result<protocol::vm::SafemapHop::Reply> hop(const protocol::vm::SafemapHop::Request& request) = 0;

protected:
    ~Safemaps() = default;
};

/// The maps of one process that end above an address. A process without an address space has none.
[[nodiscard]] Result<Visit> visit_maps(Endpoint process, VirtualAddress from, Safemaps& safemaps, const NameOf& name_of,
                                       Visitor<GrantMap>& visitor);

} // namespace tessera::netmgmt
