// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// How grants look in JSON: what the methods grant.* have in common.

#include "netmgmt/schema/write.h"
#include "netmgmt/view/grant_view.h"

namespace tessera::netmgmt {

template <> struct EnumNames<GrantKind> {
    static constexpr std::array<std::string_view, 4> names{"direct", "indirect", "magic", "unknown"};
};

template <> struct EnumNames<GrantRight> {
    static constexpr std::array<std::string_view, 4> names{"read", "write", "map", "try_only"};
};

template <> struct EnumNames<AnyGrantee> {
    static constexpr std::array<std::string_view, 1> names{"any"};
};

template <> struct SchemaOf<AnyGrantee> {
    static constexpr Schema value{.kind = SchemaKind::enumeration, .names = EnumNames<AnyGrantee>::names};
};

inline void write_value(JsonWriter& out, AnyGrantee) { out.text(EnumNames<AnyGrantee>::names.front()); }

template <> struct Shape<GrantEntry> {
    using G = GrantEntry;
    static constexpr std::tuple members{
        member("grantor", &G::grantor, "endpoint of the process that granted"),
        member("grantor_name", &G::grantor_name, ""),
        member("grant", &G::grant, "its number, as processes pass it about"),
        member("grantee", &G::grantee, "endpoint of the process that may use it, or \"any\""),
        member("grantee_name", &G::grantee_name, ""),
        member(
            "kind", &G::kind,
            "direct: of the grantor's memory; indirect: of what the grantor was granted; magic: of another process's "
            "memory; unknown: nonsense that the kernel refuses"),
        member("rights", &G::rights, "try_only: a copy that finds memory missing fails and does not wait for vm"),
        member("source", &G::source,
               "indirect: endpoint of the process that granted `previous`; magic: of whose memory it is; else null"),
        member("source_name", &G::source_name, ""),
        member("previous", &G::previous, "indirect: the source's grant that is passed on; else null"),
        member("address", &G::address,
               "direct: in the grantor's space; magic: in the source's; indirect: an offset into `previous`"),
        member("bytes", &G::bytes, ""),
        member("index", &G::index, "in the grantor's table"),
        member("sequence", &G::sequence, "how often the index was used; a stale number is refused"),
        member("uses", &G::uses, "copies and maps that it allowed"),
        member("soft_faults", &G::soft_faults, "copies with try_only that found memory missing"),
    };
};

} // namespace tessera::netmgmt
