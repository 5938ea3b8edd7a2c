// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "netmgmt/view/grant_view.h"

namespace tessera::netmgmt::guest {

/// Grants from their grantors' tables, by the kernel; maps from VM.
class GuestGrants final : public GrantView {
public:
    ListResult list(std::optional<EndpointNumber> grantor, Range range, Visitor<GrantEntry>& visitor) override;
    SystemResult<GrantDetail> get(EndpointNumber grantor, std::uint32_t grant) override;
    ListResult maps(std::optional<EndpointNumber> grantee, Range range, Visitor<GrantMap>& visitor) override;
};

} // namespace tessera::netmgmt::guest
