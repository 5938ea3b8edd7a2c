// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// VM's part of memory grants: maps of granted memory ("safemap"), and copies that share their pages until somebody
// writes to them.
//
// A map gives the grantee the grantor's own pages. It ends when either end is unmapped, executes another program or
// dies, when a grant on the way is revoked by saferevoke, and when the grantor of one dies. After that both have the
// contents of that moment, each for itself. out_of_memory where a map would end: it did not, as there is no memory for
// the copies that are needed because others go on mapping the same pages.

#include "kernel/abi/endpoint.h"
#include "kernel/abi/grant.h"
#include "kernel/abi/strong.h"
#include "servers/protocols/protocol.h"

namespace tessera::protocol::vm {

enum class Protection : std::uint32_t;

// Maps granted memory in the caller. What the grant must give: map, read, and write for a protection with write.
struct Safemap {
    static constexpr std::string_view name = "safemap";
    static constexpr Repeat repeat = Repeat::once;
    struct Request {
        Endpoint grantor;
        GrantId grant;
        std::uint64_t offset;   // in the grant; the memory there begins at a page
        VirtualAddress address; // a page, where anything that was mapped is replaced; 0: anywhere
        std::uint64_t bytes;    // whole pages
        Protection protection;  // read, or read and write
    };
    struct Reply {
        VirtualAddress address;
    };
    // not_permitted, dead_endpoint, loop: as of the kernel call safecopy_from. invalid: not whole pages, or the memory
    // cannot be replaced. access_denied: memory of a kind that cannot be mapped, or that its owner may not access so.
    static constexpr std::array errors{Status::not_permitted, Status::dead_endpoint, Status::loop,
                                       Status::invalid,       Status::access_denied, Status::out_of_memory};
};

// Ends a map of the caller's, whole. The memory stays, as a private copy, until the caller unmaps it.
struct Safeunmap {
    static constexpr std::string_view name = "safeunmap";
    static constexpr Repeat repeat = Repeat::once;
    struct Request {
        VirtualAddress address; // where the map begins
    };
    using Reply = Nothing;
    static constexpr std::array errors{Status::bad_address, Status::out_of_memory};
};

// Ends every map that was made through a grant of the caller's, also by way of other grants. The grant itself stays.
struct Saferevoke {
    static constexpr std::string_view name = "saferevoke";
    static constexpr Repeat repeat = Repeat::idempotent;
    struct Request {
        GrantId grant;
    };
    struct Reply {
        std::uint32_t ended; // maps
    };
    static constexpr std::array errors{Status::invalid, Status::out_of_memory};
};

// The same, for every map of the caller's memory in a range, through whatever grant.
struct SaferevokeRange {
    static constexpr std::string_view name = "saferevoke_range";
    static constexpr Repeat repeat = Repeat::idempotent;
    struct Request {
        VirtualAddress address; // a page
        std::uint64_t bytes;    // rounded up to pages
    };
    using Reply = Saferevoke::Reply;
    static constexpr std::array errors{Status::invalid, Status::out_of_memory};
};

// A large copy between granted memory and the caller's. Whole pages are shared until somebody writes to them. When it
// is answered, all of it is there. Invalid: only the kernel copies within one process, to and from VM's own memory, and
// by a grant that is try_only.
struct Safecopy {
    static constexpr std::string_view name = "safecopy";
    static constexpr Repeat repeat = Repeat::idempotent;
    struct Request {
        Endpoint grantor;
        GrantId grant;
        std::uint64_t offset;   // in the grant
        VirtualAddress address; // of the caller's end
        std::uint64_t bytes;    // at most safecopy_limit
        CopyDirection direction;
    };
    using Reply = Nothing;
    // As of the kernel calls safecopy_from and safecopy_to. bad_address, out_of_memory: a part may have been copied.
    static constexpr std::array errors{Status::not_permitted, Status::dead_endpoint, Status::loop,   Status::too_big,
                                       Status::bad_address,   Status::out_of_memory, Status::invalid};
};

// The first map of granted memory in a process that ends above `from`.
struct SafemapNext {
    static constexpr std::string_view name = "safemap_next";
    static constexpr Repeat repeat = Repeat::idempotent;
    struct Request {
        Endpoint process;
        VirtualAddress from;
    };
    struct Reply {
        VirtualAddress address; // in the process
        std::uint64_t bytes;
        VirtualAddress source; // in the owner
        Endpoint owner;        // whose memory it is
        Endpoint grantor;      // whose grant was used first
        GrantId grant;
        Protection protection;
        std::uint32_t hop_count; // grants on the way, see SafemapHop
    };
    static constexpr std::array errors{Status::no_such, Status::no_entry};
};

// One grant on the way of a map: 0 is the one that was used first.
struct SafemapHop {
    static constexpr std::string_view name = "safemap_hop";
    static constexpr Repeat repeat = Repeat::idempotent;
    struct Request {
        Endpoint process;
        VirtualAddress address; // where the map begins
        std::uint32_t index;
    };
    using Reply = GrantHop;
    static constexpr std::array errors{Status::no_such, Status::no_entry};
};

} // namespace tessera::protocol::vm
