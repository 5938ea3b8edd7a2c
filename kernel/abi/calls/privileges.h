// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Kernel calls: what a process may do.

#include "kernel/abi/calls/call.h"
#include "kernel/abi/endpoint.h"
#include "kernel/abi/privileges.h"

namespace tessera::kernel_calls {

struct PrivilegeSet {
    static constexpr std::string_view name = "privilege_set";
    static constexpr std::string_view summary = "Replaces the privileges of a process.";
    static constexpr std::string_view description =
        "For RS: who may make this call may give itself and others everything but the identity of VM and RS.";
    static constexpr CallGroup group = CallGroup::privileges;
    struct Request {
        Endpoint endpoint;
        VirtualAddress address;
    };
    using Reply = NoReply;
    static constexpr std::tuple request_fields{
        field<&Request::endpoint>("the process"),
        field<&Request::address>("of the Privileges, in the caller's memory"),
    };
    static constexpr std::array errors{
        CallError{Status::dead_endpoint, "the process is dead, or of another generation"},
        CallError{Status::not_permitted, "VM and RS keep theirs"},
        CallError{Status::invalid, "a count, priority, range or service id is out of bounds, or is VM's or RS's id"},
    };
    static constexpr CallMemory memory = CallMemory::accessed;
};

struct PrivilegeGet {
    static constexpr std::string_view name = "privilege_get";
    static constexpr std::string_view summary = "Copies the privileges of a process to the caller.";
    static constexpr CallGroup group = CallGroup::privileges;
    struct Request {
        Endpoint endpoint;
        VirtualAddress address;
    };
    using Reply = NoReply;
    static constexpr std::tuple request_fields{
        field<&Request::endpoint>("the process"),
        field<&Request::address>("where the caller wants the Privileges"),
    };
    static constexpr std::array errors{
        CallError{Status::dead_endpoint, "the process is dead, or of another generation"},
    };
    static constexpr CallMemory memory = CallMemory::accessed;
};

} // namespace tessera::kernel_calls
