// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Kernel calls: recording what the kernel does.

#include "kernel/abi/calls/call.h"
#include "kernel/abi/strong.h"
#include "kernel/abi/trace.h"

namespace tessera::kernel_calls {

struct TraceControl {
    static constexpr std::string_view name = "trace_control";
    static constexpr std::string_view summary = "Records just these classes of what happens from now on.";
    static constexpr std::string_view description =
        "With none it stops. What was recorded of each of the classes is forgotten, the ring if it is one with "
        "entries; a stop forgets nothing.";
    static constexpr CallGroup group = CallGroup::observation;
    struct Request {
        TraceClasses classes;
    };
    struct Reply {
        std::uint64_t next_sequence;
    };
    static constexpr std::tuple request_fields{field<&Request::classes>("a bit for each TraceClass")};
    static constexpr std::tuple reply_fields{field<&Reply::next_sequence>("of the next entry to come")};
    static constexpr std::array errors{CallError{Status::invalid, "no such class"}};
    static constexpr CallMemory memory = CallMemory::untouched;
};

struct TraceRead {
    static constexpr std::string_view name = "trace_read";
    static constexpr std::string_view summary = "Copies recorded entries to the caller, in their order.";
    static constexpr CallGroup group = CallGroup::observation;
    struct Request {
        std::uint64_t sequence;
        VirtualAddress address;
        std::uint64_t capacity;
    };
    struct Reply {
        std::uint64_t first;
        std::uint64_t count;
        std::uint64_t lost;
        std::uint64_t next;
    };
    static constexpr std::tuple request_fields{
        field<&Request::sequence>("the first entry wanted; 0: the oldest"),
        field<&Request::address>("where the caller wants an array of TraceEntry"),
        field<&Request::capacity>("how many it has room for"),
    };
    static constexpr std::tuple reply_fields{
        field<&Reply::first>("sequence of the first that was copied; `next` when there is none"),
        field<&Reply::count>("how many were copied"),
        field<&Reply::lost>("how many from `sequence` on were overwritten before"),
        field<&Reply::next>("sequence of the next entry to come"),
    };
    static constexpr auto errors = no_errors;
    static constexpr CallMemory memory = CallMemory::accessed;
};

struct CallTimesRead {
    static constexpr std::string_view name = "call_times_read";
    static constexpr std::string_view summary = "Copies the recorded times of one kernel call to the caller.";
    static constexpr CallGroup group = CallGroup::observation;
    struct Request {
        std::uint64_t number;
        VirtualAddress address;
    };
    using Reply = NoReply;
    static constexpr std::tuple request_fields{
        field<&Request::number>("of the kernel call"),
        field<&Request::address>("where the caller wants the KernelCallTimes"),
    };
    static constexpr std::array errors{CallError{Status::no_entry, "no call has this number"}};
    static constexpr CallMemory memory = CallMemory::accessed;
};

struct MessageCountsRead {
    static constexpr std::string_view name = "message_counts_read";
    static constexpr std::string_view summary = "Copies the recorded count of one pair of processes to the caller.";
    static constexpr CallGroup group = CallGroup::observation;
    struct Request {
        std::uint64_t index;
        VirtualAddress address;
    };
    struct Reply {
        std::uint64_t uncounted;
    };
    static constexpr std::tuple request_fields{
        field<&Request::index>("of the pair, from 0 in the order in which they were first seen"),
        field<&Request::address>("where the caller wants the MessageCount"),
    };
    static constexpr std::tuple reply_fields{
        field<&Reply::uncounted>("deliveries between pairs that had no room in the table"),
    };
    static constexpr std::array errors{CallError{Status::no_entry, "there are not so many pairs"}};
    static constexpr CallMemory memory = CallMemory::accessed;
};

} // namespace tessera::kernel_calls
