// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// What the assistant does on demand with its own memory, and with memory that it was granted or grants itself.

#include "kernel/abi/grant.h"
#include "servers/protocols/vm.h"

namespace tessera::target {

using protocol::Nothing;
using protocol::Repeat;

// Maps granted memory, wherever there is room. `status` is what VM said.
struct MapGrant {
    static constexpr std::string_view name = "map_grant";
    static constexpr Repeat repeat = Repeat::once;
    struct Request {
        Endpoint grantor;
        GrantId grant;
        std::uint64_t offset;
        std::uint64_t bytes;
        VirtualAddress address; // or 0
        protocol::vm::Protection protection;
    };
    struct Reply {
        Status status;
        VirtualAddress address;
    };
    static constexpr std::array<Status, 0> errors{};
};

enum class Unmapping : std::uint32_t { safeunmap, munmap };

struct UnmapGrant {
    static constexpr std::string_view name = "unmap_grant";
    static constexpr Repeat repeat = Repeat::once;
    struct Request {
        VirtualAddress address;
        std::uint64_t bytes;
        Unmapping how;
    };
    struct Reply {
        Status status;
    };
    static constexpr std::array<Status, 0> errors{};
};

// Reads the word at an address; with `write` it writes `value` there first. It dies of a page fault as anybody would.
struct AccessWord {
    static constexpr std::string_view name = "access_word";
    static constexpr Repeat repeat = Repeat::once;
    enum class How : std::uint64_t { read, write };
    struct Request {
        VirtualAddress address;
        std::uint64_t value;
        How how;
    };
    struct Reply {
        std::uint64_t value;
    };
    static constexpr std::array<Status, 0> errors{};
};

// Grants somebody else (a part of) a grant that it was given; or its own memory, when `grantor` is none. The grant
// lasts until DropGrants.
struct PassOn {
    static constexpr std::string_view name = "pass_on";
    static constexpr Repeat repeat = Repeat::once;
    struct Request {
        Endpoint grantee;
        Endpoint grantor;
        GrantId grant;
        GrantRights rights;
        std::uint64_t offset; // own memory: its address
        std::uint64_t bytes;
    };
    struct Reply {
        GrantId grant;
    };
    static constexpr std::array errors{Status::out_of_memory, Status::no_space, Status::invalid};
};

// Grants memory of a user process; an assistant that may not do that makes a grant that nobody can use.
struct GrantMagic {
    static constexpr std::string_view name = "grant_magic";
    static constexpr Repeat repeat = Repeat::once;
    struct Request {
        Endpoint grantee;
        Endpoint process;
        VirtualAddress address;
        std::uint64_t bytes;
        GrantRights rights;
    };
    using Reply = PassOn::Reply;
    static constexpr auto errors = PassOn::errors;
};

struct DropGrants {
    static constexpr std::string_view name = "drop_grants";
    static constexpr Repeat repeat = Repeat::once;
    using Request = Nothing;
    using Reply = Nothing;
    static constexpr std::array<Status, 0> errors{};
};

// One of its grants ends, and the maps that were made by it.
struct DropGrant {
    static constexpr std::string_view name = "drop_grant";
    static constexpr Repeat repeat = Repeat::once;
    struct Request {
        GrantId grant;
    };
    using Reply = Nothing;
    static constexpr std::array errors{Status::no_entry};
};

// The maps that were made by one of its grants end; or those of its memory in a range. `status` is what VM said.
struct RevokeMaps {
    static constexpr std::string_view name = "revoke_maps";
    static constexpr Repeat repeat = Repeat::once;
    struct Request {
        GrantId grant;
    };
    struct Reply {
        Status status;
        std::uint32_t ended;
    };
    static constexpr std::array<Status, 0> errors{};
};

struct RevokeRange {
    static constexpr std::string_view name = "revoke_range";
    static constexpr Repeat repeat = Repeat::once;
    struct Request {
        VirtualAddress address;
        std::uint64_t bytes;
    };
    using Reply = RevokeMaps::Reply;
    static constexpr std::array<Status, 0> errors{};
};

// Copies between granted memory and its own: by the kernel, as a large copy by VM, or as servers do (GivenGrant, which
// takes one of these by the length). `status` is what was answered.
struct CopyGrant {
    static constexpr std::string_view name = "copy_grant";
    static constexpr Repeat repeat = Repeat::once;
    enum class By : std::uint32_t { kernel, vm, runtime };
    struct Request {
        Endpoint grantor;
        GrantId grant;
        std::uint64_t offset;
        VirtualAddress address;
        std::uint64_t bytes;
        CopyDirection direction;
        By by;
    };
    struct Reply {
        Status status;
    };
    static constexpr std::array<Status, 0> errors{};
};

// The first and the last word of a page.
struct ReadEnds {
    static constexpr std::string_view name = "read_ends";
    static constexpr Repeat repeat = Repeat::idempotent;
    struct Request {
        VirtualAddress page;
    };
    struct Reply {
        std::uint64_t first;
        std::uint64_t last;
    };
    static constexpr std::array<Status, 0> errors{};
};

// Zeroed memory of its own, at an address or (0) anywhere. What was there is replaced.
struct MapMemory {
    static constexpr std::string_view name = "map_memory";
    static constexpr Repeat repeat = Repeat::once;
    struct Request {
        VirtualAddress address;
        std::uint64_t bytes;
    };
    struct Reply {
        VirtualAddress address;
    };
    static constexpr std::array errors{Status::invalid, Status::out_of_memory};
};

// Writes a pattern into pages (page_pattern.h).
struct FillPages {
    static constexpr std::string_view name = "fill_pages";
    static constexpr Repeat repeat = Repeat::idempotent;
    struct Request {
        VirtualAddress address;
        std::uint64_t pages;
        std::uint64_t first;
    };
    using Reply = Nothing;
    static constexpr std::array<Status, 0> errors{};
};

// How many pages do not have the pattern, but for their first words, which are `head`.
struct ComparePages {
    static constexpr std::string_view name = "compare_pages";
    static constexpr Repeat repeat = Repeat::idempotent;
    struct Request {
        VirtualAddress address;
        std::uint64_t pages;
        std::uint64_t first;
        std::uint64_t head; // 0: as the rest of the page
    };
    struct Reply {
        std::uint64_t different;
    };
    static constexpr std::array<Status, 0> errors{};
};

} // namespace tessera::target
