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
        CallError{Status::dead_endpoint,
                  "the grantor, or who granted the memory to it, is dead, or of another generation"},
        CallError{Status::not_permitted,
                  "the grant, or one that it passes on, does not allow it: unused, stale, another grantee's, without "
                  "the right, too small, or magic of a grantor that may not make such"},
        CallError{Status::loop, "more than indirect_hop_limit indirect grants in a row"},
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

enum class CopyState : std::uint16_t { pending = 0, done = 1 };

// An element of vsafecopy.
struct GrantCopy {
    Endpoint grantor;
    GrantId grant;
    std::uint64_t offset = 0; // in the grant
    VirtualAddress address;   // of the caller's end
    std::uint64_t bytes = 0;
    CopyDirection direction{};
    CopyState state{};
    Status status = Status::ok; // when it is done
};
static_assert(sizeof(GrantCopy) == 40);

inline constexpr std::uint32_t vsafecopy_limit = 64; // elements

struct Vsafecopy {
    static constexpr std::string_view name = "vsafecopy";
    static constexpr std::string_view summary = "Performs several copies to and from granted memory.";
    static constexpr std::string_view description =
        "The pending elements are copied in their order, each as by safecopy_from or safecopy_to. Each that was tried "
        "becomes done, with the status that call would have answered, and the next is tried. When memory is missing "
        "and VM refuses it, the whole call answers bad_address: the element is the first that is still pending.";
    static constexpr CallGroup group = CallGroup::grants;
    struct Request {
        VirtualAddress address;
        std::uint64_t count;
    };
    struct Reply {
        std::uint64_t failed;
    };
    static constexpr std::tuple request_fields{
        field<&Request::address>("of an array of GrantCopy"),
        field<&Request::count>("of its elements; at most vsafecopy_limit"),
    };
    static constexpr std::tuple reply_fields{
        field<&Reply::failed>("how many of the elements are done with an error, from earlier calls too"),
    };
    static constexpr std::array errors{
        CallError{Status::too_big,
                  "more elements than vsafecopy_limit, or together more bytes to copy than safecopy_limit"},
        CallError{Status::invalid, "an element has a direction or state that there is not"},
    };
    static constexpr CallMemory memory = CallMemory::accessed;
};

struct Safememset {
    static constexpr std::string_view name = "safememset";
    static constexpr std::string_view summary = "Fills granted memory with a byte.";
    static constexpr std::string_view description = SafecopyFrom::description;
    static constexpr CallGroup group = CallGroup::grants;
    struct Request {
        Endpoint grantor;
        GrantId grant;
        std::uint64_t offset;
        std::uint64_t value;
        std::uint64_t bytes;
    };
    using Reply = NoReply;
    static constexpr std::tuple request_fields{
        field<&Request::grantor>("who granted the memory"), field<&Request::grant>("which of its grants"),
        field<&Request::offset>("of the first byte, in the grant"),
        field<&Request::value>("of the bytes: the lowest eight bits"),
        field<&Request::bytes>("at most safecopy_limit; 0 fills nothing, after all checks")};
    static constexpr auto errors = SafecopyFrom::errors;
    static constexpr CallMemory memory = CallMemory::accessed;
};

struct GrantResolve {
    static constexpr std::string_view name = "grant_resolve";
    static constexpr std::string_view summary = "Checks a use of a grant by another process, and tells where it leads.";
    static constexpr std::string_view description =
        "For VM, which maps granted memory and shares pages of large copies. The use is counted in the grants.";
    static constexpr CallGroup group = CallGroup::grants;
    struct Request {
        Endpoint grantee;
        Endpoint grantor;
        GrantId grant;
        GrantRights rights;
        std::uint64_t offset;
        std::uint64_t bytes;
        VirtualAddress address;
    };
    using Reply = NoReply;
    static constexpr std::tuple request_fields{
        field<&Request::grantee>("who uses the grant"),
        field<&Request::grantor>("who granted the memory"),
        field<&Request::grant>("which of its grants"),
        field<&Request::rights>("that are needed; for a copy those without map"),
        field<&Request::offset>("of the first byte, in the grant"),
        field<&Request::bytes>("that are used"),
        field<&Request::address>("where the caller wants the GrantPath"),
    };
    static constexpr std::array errors{
        CallError{Status::dead_endpoint,
                  "the grantor, or who granted the memory to it, is dead, or of another generation"},
        CallError{Status::not_permitted, "as of safecopy_from"},
        CallError{Status::loop, "more than indirect_hop_limit indirect grants in a row"},
        CallError{Status::invalid, "a copy, and one of the grants is try_only: it must not wait for VM"},
    };
    static constexpr CallMemory memory = CallMemory::accessed;
};

} // namespace tessera::kernel_calls
