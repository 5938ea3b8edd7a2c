// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Kernel calls: memory that one process grants to another.

#include "kernel/abi/calls/call.h"
#include "kernel/abi/endpoint.h"
#include "kernel/abi/grant.h"
#include "kernel/abi/strong.h"

namespace tessera::kernel_calls {

struct GrantTableSet {
    static constexpr std::string_view name = "grant_table_set";
    static constexpr std::string_view summary = "Registers the grant table of the caller.";
    static constexpr std::string_view description =
        "An array of GrantEntry in the caller's own memory: granting and revoking are plain writes to it from then on. "
        "Whether memory is there is seen when a grant is used.";
    static constexpr CallGroup group = CallGroup::grants;
    struct Request {
        VirtualAddress address;
        std::uint64_t entries;
    };
    using Reply = NoReply;
    static constexpr std::tuple request_fields{
        field<&Request::address>("of the first entry"),
        field<&Request::entries>("at most GrantId::index_limit; 0: no table"),
    };
    static constexpr std::array errors{
        CallError{Status::invalid, "misaligned, not in user space, or too many entries"},
    };
    static constexpr CallMemory memory = CallMemory::untouched;
};

struct GrantRead {
    static constexpr std::string_view name = "grant_read";
    static constexpr std::string_view summary = "Copies an entry of a process's grant table to the caller.";
    static constexpr std::string_view description =
        "It is the first used entry from the index asked for on: a loop from 0 sees all of them.";
    static constexpr CallGroup group = CallGroup::grants;
    struct Request {
        Endpoint endpoint;
        std::uint32_t index;
        VirtualAddress address;
    };
    struct Reply {
        std::uint64_t index;
    };
    static constexpr std::tuple request_fields{
        field<&Request::endpoint>("whose table"),
        field<&Request::index>("the first entry to look at"),
        field<&Request::address>("where the caller wants the GrantEntry"),
    };
    static constexpr std::tuple reply_fields{field<&Reply::index>("of the entry that was found")};
    static constexpr std::array errors{
        CallError{Status::dead_endpoint, "the process is dead, or of another generation"},
        CallError{Status::no_entry, "no entry from this one on is used"},
    };
    static constexpr CallMemory memory = CallMemory::accessed;
};

inline constexpr std::uint64_t safecopy_limit = 16 * 1024 * 1024;

struct SafecopyFrom {
    static constexpr std::string_view name = "safecopy_from";
    static constexpr std::string_view summary = "Copies from granted memory to the caller.";
    static constexpr std::string_view description =
        "The grant is checked anew in each call. When memory is missing half-way, part of the destination may have "
        "been written before the call answers bad_address.";
    static constexpr CallGroup group = CallGroup::grants;
    struct Request {
        Endpoint grantor;
        GrantId grant;
        std::uint64_t offset;
        VirtualAddress address;
        std::uint64_t bytes;
    };
    using Reply = NoReply;
    static constexpr std::tuple request_fields{
        field<&Request::grantor>("who granted the memory"),
        field<&Request::grant>("which of its grants"),
        field<&Request::offset>("of the first byte, in the grant"),
        field<&Request::address>("of the caller's end of the copy"),
        field<&Request::bytes>("at most safecopy_limit; 0 copies nothing, after all checks"),
    };
    static constexpr std::array errors{
        CallError{Status::too_big, "bytes is more than safecopy_limit"},
        CallError{Status::dead_endpoint, "the grantor is dead, or of another generation"},
        CallError{Status::not_permitted,
                  "the grant does not allow it: unused, stale, another grantee's, without the right, or too small"},
    };
    static constexpr CallMemory memory = CallMemory::accessed;
};

struct SafecopyTo {
    static constexpr std::string_view name = "safecopy_to";
    static constexpr std::string_view summary = "Copies from the caller to granted memory.";
    static constexpr std::string_view description = SafecopyFrom::description;
    static constexpr CallGroup group = CallGroup::grants;
    using Request = SafecopyFrom::Request;
    using Reply = NoReply;
    static constexpr auto request_fields = SafecopyFrom::request_fields;
    static constexpr auto errors = SafecopyFrom::errors;
    static constexpr CallMemory memory = CallMemory::accessed;
};

} // namespace tessera::kernel_calls
