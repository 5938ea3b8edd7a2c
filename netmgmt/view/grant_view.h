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

enum class GrantKind : std::uint8_t {
    direct,
    indirect, ///< passes on a grant that its grantor was given
    magic,    ///< of another process's memory
    unknown,  ///< the grantor wrote nonsense into its table; the kernel refuses it
};

enum class GrantRight : std::uint8_t { read, write, map, try_only };

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
    std::optional<EndpointNumber> source; ///< indirect: who granted `previous`; magic: whose memory it is
    std::string source_name;              ///< empty without a source
    std::optional<std::uint32_t> previous;
    Address address; ///< indirect: an offset into `previous`
    ByteCount bytes;
    std::uint32_t index = 0;
    std::uint32_t sequence = 0;
    Counter uses;
    Counter soft_faults;
};

/// Why the kernel would refuse every use of a grant. The first three are of a grant that could not be reached.
enum class GrantProblem : std::uint8_t {
    dead_grantor,
    unused,
    stale,
    other_grantee, ///< it was granted to somebody else than who passes it on
    no_rights,     ///< none that all grants on the way give
    out_of_range,  ///< nothing that all grants on the way cover
    bad_address,   ///< not in user space
    unknown_kind,
    magic_refused, ///< the grantor may not make magic grants
    dead_owner,
    owner_is_service, ///< of whose memory there are no magic grants
    too_many_hops,
    unreadable, ///< the table is not in memory
};

/// What is left of a grant's memory and rights, after all grants on the way narrowed them.
struct GrantedMemory {
    EndpointNumber owner;
    std::string owner_name;
    Address address;
    ByteCount bytes;
    std::vector<GrantRight> rights;
};

struct GrantDetail : GrantEntry {
    std::vector<GrantEntry> chain; ///< those that it leads through, the previous one first
    std::optional<GrantedMemory> memory;
    std::optional<GrantProblem> problem; ///< when there is no memory
};

struct GrantHop {
    EndpointNumber grantor;
    std::string grantor_name;
    std::uint32_t grant = 0;
};

enum class MapProtection : std::uint8_t { read, write, execute };

/// Granted memory that is mapped in the grantee.
struct GrantMap {
    EndpointNumber grantee;
    std::string grantee_name;
    Address address;
    ByteCount bytes;
    std::vector<MapProtection> protection;
    EndpointNumber owner; ///< whose memory it is
    std::string owner_name;
    Address source; ///< in the owner
    EndpointNumber grantor;
    std::string grantor_name;
    std::uint32_t grant = 0;
    std::vector<GrantHop> hops; ///< the grants on the way, that of the grantor first
};

class GrantView {
public:
    /// Those of one grantor, or of all. Positions are slot of the grantor and index of the grant.
    /// ESRCH when no process has this endpoint.
    virtual ListResult list(std::optional<EndpointNumber> grantor, Range range, Visitor<GrantEntry>& visitor) = 0;
    /// ESRCH when no process has this endpoint, ENOENT when it has no such grant.
    virtual SystemResult<GrantDetail> get(EndpointNumber grantor, std::uint32_t grant) = 0;
    /// Those in one grantee, or in all. Positions are slot of the grantee and address of the map.
    /// ESRCH when no process has this endpoint.
    virtual ListResult maps(std::optional<EndpointNumber> grantee, Range range, Visitor<GrantMap>& visitor) = 0;

protected:
    ~GrantView() = default;
};

} // namespace tessera::netmgmt
