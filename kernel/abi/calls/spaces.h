// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Kernel calls: address spaces, between the kernel and VM, which owns all memory.

#include "kernel/abi/calls/call.h"
#include "kernel/abi/endpoint.h"
#include "kernel/abi/strong.h"

namespace tessera::kernel_calls {

struct SpaceBind {
    static constexpr std::string_view name = "space_bind";
    static constexpr std::string_view summary = "Gives a process its address space and where to start in it.";
    static constexpr std::string_view description =
        "For VM. The root entry of the process is in the page of root entries already. What the process did before is "
        "abandoned; if it is not stopped, it runs at once.";
    static constexpr CallGroup group = CallGroup::spaces;
    struct Request {
        Endpoint endpoint;
        VirtualAddress entry;
        VirtualAddress stack;
    };
    using Reply = NoReply;
    static constexpr std::tuple request_fields{
        field<&Request::endpoint>("the process"),
        field<&Request::entry>("its first instruction"),
        field<&Request::stack>("its stack pointer"),
    };
    static constexpr std::array errors{
        CallError{Status::dead_endpoint, "the process is dead, or of another generation"},
        CallError{Status::invalid, "entry or stack is not in user space, or the process has no root entry"},
        CallError{Status::not_permitted, "the process is VM itself"},
    };
    static constexpr CallMemory memory = CallMemory::untouched;
};

struct SpaceAttach {
    static constexpr std::string_view name = "space_attach";
    static constexpr std::string_view summary = "Gives a process its address space; it goes on where it is.";
    static constexpr std::string_view description =
        "For VM, after process_fork. The root entry of the process is in the page of root entries already.";
    static constexpr CallGroup group = CallGroup::spaces;
    struct Request {
        Endpoint endpoint;
    };
    using Reply = NoReply;
    static constexpr std::tuple request_fields{field<&Request::endpoint>("the process")};
    static constexpr std::array errors{
        CallError{Status::dead_endpoint, "the process is dead, or of another generation"},
        CallError{Status::invalid, "the process has an address space, no root entry, or nowhere to go on"},
    };
    static constexpr CallMemory memory = CallMemory::untouched;
};

struct SpaceUnbind {
    static constexpr std::string_view name = "space_unbind";
    static constexpr std::string_view summary = "Makes the kernel forget the address space of a process.";
    static constexpr std::string_view description = "For VM, before it frees the address space.";
    static constexpr CallGroup group = CallGroup::spaces;
    struct Request {
        Endpoint endpoint;
    };
    using Reply = NoReply;
    static constexpr std::tuple request_fields{field<&Request::endpoint>("the process")};
    static constexpr std::array errors{
        CallError{Status::dead_endpoint, "there is no such process, or it is of another generation"},
        CallError{Status::busy, "the process is neither dead nor stopped"},
    };
    static constexpr CallMemory memory = CallMemory::untouched;
};

struct SpaceFlush {
    static constexpr std::string_view name = "space_flush";
    static constexpr std::string_view summary = "Drops the cached translations of a process before it runs again.";
    static constexpr std::string_view description = "For VM, after it removed or restricted mappings.";
    static constexpr CallGroup group = CallGroup::spaces;
    struct Request {
        Endpoint endpoint;
    };
    using Reply = NoReply;
    static constexpr std::tuple request_fields{field<&Request::endpoint>("the process")};
    static constexpr std::array errors{
        CallError{Status::dead_endpoint, "there is no such process, or it is of another generation"},
    };
    static constexpr CallMemory memory = CallMemory::untouched;
};

struct RootEntriesSet {
    static constexpr std::string_view name = "root_entries_set";
    static constexpr std::string_view summary = "Tells the kernel where the root entries of all processes are.";
    static constexpr std::string_view description =
        "For VM. The page holds 8 bytes a slot of the process table: the top-level page-table entry that stands for "
        "the process's address space. The kernel believes what is there.";
    static constexpr CallGroup group = CallGroup::spaces;
    struct Request {
        PhysicalAddress page;
    };
    using Reply = NoReply;
    static constexpr std::tuple request_fields{field<&Request::page>("the page, which stays VM's")};
    static constexpr std::array errors{CallError{Status::invalid, "the address is not that of a page of VM's memory"}};
    static constexpr CallMemory memory = CallMemory::untouched;
};

struct FaultResolve {
    static constexpr std::string_view name = "fault_resolve";
    static constexpr std::string_view summary = "Answers a page fault or memory request that VM received.";
    static constexpr std::string_view description =
        "For VM. The process goes on. If the status is an error, a fault ends the process, and a kernel call that "
        "needed the memory answers bad_address.";
    static constexpr CallGroup group = CallGroup::spaces;
    struct Request {
        Endpoint endpoint;
        Status status;
    };
    using Reply = NoReply;
    static constexpr std::tuple request_fields{
        field<&Request::endpoint>("the process that waits"),
        field<&Request::status>("ok, or any error"),
    };
    static constexpr std::array errors{
        CallError{Status::dead_endpoint, "the process is dead, or of another generation"},
        CallError{Status::invalid, "the process does not wait for this answer"},
    };
    static constexpr CallMemory memory = CallMemory::untouched;
};

} // namespace tessera::kernel_calls
