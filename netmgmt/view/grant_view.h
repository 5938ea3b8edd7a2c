// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The grants by which processes let others at their memory.

#include "netmgmt/view/listing.h"
#include "netmgmt/view/quantities.h"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace tessera::netmgmt {

enum class GrantKind : std::uint8_t { direct };

enum class GrantRight : std::uint8_t { read, write, map };

/// A grant to whoever holds its number.
struct AnyGrantee {
    auto operator<=>(const AnyGrantee&) const = default;
};

using Grantee = std::variant<AnyGrantee, EndpointNumber>;

struct GrantEntry {
    EndpointNumber grantor;
    std::string grantor_name;
    std::uint32_t grant = 0; ///< as it is passed about: index and sequence packed
    Grantee grantee;
    std::string grantee_name;
    GrantKind kind = GrantKind::direct;
    std::vector<GrantRight> rights;
    Address address;
    ByteCount bytes;
    std::uint32_t index = 0;
    std::uint32_t sequence = 0;
};

class GrantView {
public:
    /// Those of one grantor, or of all. Positions are slot of the grantor and index of the grant.
    /// ESRCH when no process has this endpoint.
    virtual ListResult list(std::optional<EndpointNumber> grantor, Range range, Visitor<GrantEntry>& visitor) = 0;

protected:
    ~GrantView() = default;
};

} // namespace tessera::netmgmt
