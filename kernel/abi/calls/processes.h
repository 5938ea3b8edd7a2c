// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Kernel calls: the life of processes.

#include "kernel/abi/calls/call.h"
#include "kernel/abi/endpoint.h"
#include "kernel/abi/process.h"
#include "kernel/abi/strong.h"

namespace tessera::kernel_calls {

struct Exit {
    static constexpr std::string_view name = "exit";
    static constexpr std::string_view summary = "Ends the caller.";
    static constexpr std::string_view description =
        "Does not return. The supervisor of the caller is told; the slot stays taken until it reaps the caller.";
    static constexpr CallGroup group = CallGroup::processes;
    struct Request {
        std::uint64_t exit_status;
    };
    using Reply = NoReply;
    static constexpr std::tuple request_fields{
        field<&Request::exit_status>("the detail of the death report"),
    };
    static constexpr auto errors = no_errors;
    static constexpr CallMemory memory = CallMemory::untouched;
};

struct SetThreadPointer {
    static constexpr std::string_view name = "set_thread_pointer";
    static constexpr std::string_view summary = "Sets the thread pointer (FS base) of the caller.";
    static constexpr CallGroup group = CallGroup::processes;
    struct Request {
        VirtualAddress address;
    };
    using Reply = NoReply;
    static constexpr std::tuple request_fields{
        field<&Request::address>("an address in user space; whether memory is there does not matter"),
    };
    static constexpr std::array errors{CallError{Status::invalid, "the address is not in user space"}};
    static constexpr CallMemory memory = CallMemory::untouched;
};

struct OwnEndpoint {
    static constexpr std::string_view name = "own_endpoint";
    static constexpr std::string_view summary = "Tells the caller its own endpoint.";
    static constexpr CallGroup group = CallGroup::processes;
    using Request = NoRequest;
    struct Reply {
        Endpoint endpoint;
    };
    static constexpr std::tuple reply_fields{field<&Reply::endpoint>("of the caller")};
    static constexpr auto errors = no_errors;
    static constexpr CallMemory memory = CallMemory::untouched;
};

struct ProcessCreate {
    static constexpr std::string_view name = "process_create";
    static constexpr std::string_view summary = "Takes a free slot of the process table.";
    static constexpr std::string_view description =
        "The new process is stopped and has neither an address space nor privileges.";
    static constexpr CallGroup group = CallGroup::processes;
    struct Request {
        Name process_name;
    };
    struct Reply {
        Endpoint endpoint;
    };
    static constexpr std::tuple request_fields{
        field<&Request::process_name>("for people: the log and process lists show it"),
    };
    static constexpr std::tuple reply_fields{
        field<&Reply::endpoint>("of the new process: its slot, with the next generation"),
    };
    static constexpr std::array errors{CallError{Status::no_space, "every slot is taken"}};
    static constexpr CallMemory memory = CallMemory::untouched;
};

struct ProcessFork {
    static constexpr std::string_view name = "process_fork";
    static constexpr std::string_view summary = "Makes a copy of a user process that waits for the caller's answer.";
    static constexpr std::string_view description =
        "The child has the name, the privileges and the registers of the parent, and waits for the same answer: the "
        "caller answers both, each with what it is to know. It has no address space yet; space_attach gives it one.";
    static constexpr CallGroup group = CallGroup::processes;
    struct Request {
        Endpoint endpoint;
    };
    struct Reply {
        Endpoint child;
    };
    static constexpr std::tuple request_fields{field<&Request::endpoint>("the parent")};
    static constexpr std::tuple reply_fields{field<&Reply::child>("the new process")};
    static constexpr std::array errors{
        CallError{Status::dead_endpoint, "the parent is dead, or of another generation"},
        CallError{Status::not_permitted, "the parent is a service: its rights are not to be had twice"},
        CallError{Status::invalid, "the parent does not wait for an answer of the caller"},
        CallError{Status::no_space, "every slot is taken"},
    };
    static constexpr CallMemory memory = CallMemory::untouched;
};

struct ProcessDestroy {
    static constexpr std::string_view name = "process_destroy";
    static constexpr std::string_view summary = "Frees the slot of a process that has no address space.";
    static constexpr std::string_view description =
        "Either space_unbind came before, or it never had one. The process may be dead or alive.";
    static constexpr CallGroup group = CallGroup::processes;
    struct Request {
        Endpoint endpoint;
    };
    using Reply = NoReply;
    static constexpr std::tuple request_fields{field<&Request::endpoint>("the process")};
    static constexpr std::array errors{
        CallError{Status::dead_endpoint, "there is no such process, or it is of another generation"},
        CallError{Status::busy, "the process still has an address space"},
    };
    static constexpr CallMemory memory = CallMemory::untouched;
};

struct ProcessStart {
    static constexpr std::string_view name = "process_start";
    static constexpr std::string_view summary = "Lets a stopped process run.";
    static constexpr std::string_view description = "A process that is not stopped stays as it is.";
    static constexpr CallGroup group = CallGroup::processes;
    struct Request {
        Endpoint endpoint;
    };
    using Reply = NoReply;
    static constexpr std::tuple request_fields{field<&Request::endpoint>("the process")};
    static constexpr std::array errors{
        CallError{Status::dead_endpoint, "the process is dead, or of another generation"},
        CallError{Status::invalid, "the process has no address space"},
    };
    static constexpr CallMemory memory = CallMemory::untouched;
};

struct ProcessStop {
    static constexpr std::string_view name = "process_stop";
    static constexpr std::string_view summary = "Holds a process until process_start.";
    static constexpr std::string_view description = "To those who wait for it, it is a process that hangs.";
    static constexpr CallGroup group = CallGroup::processes;
    struct Request {
        Endpoint endpoint;
    };
    using Reply = NoReply;
    static constexpr std::tuple request_fields{field<&Request::endpoint>("the process")};
    static constexpr std::array errors{
        CallError{Status::dead_endpoint, "the process is dead, or of another generation"},
        CallError{Status::not_permitted, "VM and RS are never stopped"},
    };
    static constexpr CallMemory memory = CallMemory::untouched;
};

struct ProcessKill {
    static constexpr std::string_view name = "process_kill";
    static constexpr std::string_view summary = "Ends a process, with DeathCause::killed.";
    static constexpr std::string_view description = "The caller can kill itself; the call does not return then.";
    static constexpr CallGroup group = CallGroup::processes;
    struct Request {
        Endpoint endpoint;
    };
    using Reply = NoReply;
    static constexpr std::tuple request_fields{field<&Request::endpoint>("the process")};
    static constexpr std::array errors{
        CallError{Status::dead_endpoint, "the process is dead, or of another generation"},
        CallError{Status::not_permitted, "VM and RS are never killed"},
    };
    static constexpr CallMemory memory = CallMemory::untouched;
};

enum class InjectedFault : std::uint64_t { null_jump = 0, illegal_instruction = 1 };

struct ProcessInject {
    static constexpr std::string_view name = "process_inject";
    static constexpr std::string_view summary = "Makes a process fault at its next instruction.";
    static constexpr std::string_view description =
        "What the process waited for is abandoned. Its death looks like one by a defect of its own.";
    static constexpr CallGroup group = CallGroup::processes;
    struct Request {
        Endpoint endpoint;
        InjectedFault fault;
    };
    using Reply = NoReply;
    static constexpr std::tuple request_fields{
        field<&Request::endpoint>("the process"),
        field<&Request::fault>("0 null_jump: it goes on at address 0; 1 illegal_instruction"),
    };
    static constexpr std::array errors{
        CallError{Status::dead_endpoint, "the process is dead, or of another generation"},
        CallError{Status::not_permitted, "VM and RS are never hurt"},
        CallError{Status::invalid, "no such fault; the process has no address space; or it is the caller itself"},
    };
    static constexpr CallMemory memory = CallMemory::untouched;
};

struct ProcessNextDeath {
    static constexpr std::string_view name = "process_next_death";
    static constexpr std::string_view summary = "Fetches a death that the caller, as supervisor, was not told of yet.";
    static constexpr std::string_view description =
        "KernelEvent::process_died tells a supervisor that there is one. Each death is told once.";
    static constexpr CallGroup group = CallGroup::processes;
    using Request = NoRequest;
    using Reply = DeathReport;
    static constexpr std::tuple reply_fields{
        field<&Reply::endpoint>("of the dead process"),
        field<&Reply::cause>("why it died"),
        field<&Reply::reserved>("0"),
        field<&Reply::detail>("exited: the exit status; page_fault: the address; other_exception: the vector"),
        field<&Reply::instruction_pointer>("where it was"),
    };
    static constexpr std::array errors{CallError{Status::no_entry, "there is none"}};
    static constexpr CallMemory memory = CallMemory::untouched;
};

struct ProcessRead {
    static constexpr std::string_view name = "process_read";
    static constexpr std::string_view summary = "Copies what the kernel knows of a process to the caller.";
    static constexpr std::string_view description =
        "It is the process in the first used slot from the one asked for on: a loop from 0 sees all of them.";
    static constexpr CallGroup group = CallGroup::processes;
    struct Request {
        std::uint64_t slot;
        VirtualAddress address;
    };
    struct Reply {
        std::uint64_t slot;
    };
    static constexpr std::tuple request_fields{
        field<&Request::slot>("the first slot to look at"),
        field<&Request::address>("where the caller wants the ProcessInformation"),
    };
    static constexpr std::tuple reply_fields{field<&Reply::slot>("of the process that was found")};
    static constexpr std::array errors{CallError{Status::no_entry, "no slot from this one on is used"}};
    static constexpr CallMemory memory = CallMemory::accessed;
};

} // namespace tessera::kernel_calls
