// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Kernel calls of a scheduler: a server that decides how processes go on which used up their quantum.

#include "kernel/abi/calls/call.h"
#include "kernel/abi/endpoint.h"
#include "kernel/abi/strong.h"

namespace tessera::kernel_calls {

struct ScheduleNext {
    static constexpr std::string_view name = "schedule_next";
    static constexpr std::string_view summary = "Fetches a process that used up its quantum and waits for the caller.";
    static constexpr std::string_view description =
        "Each is fetched once, then waits for schedule. The event quantum_used tells that there is one.";
    static constexpr CallGroup group = CallGroup::scheduling;
    using Request = NoRequest;
    struct Reply {
        Endpoint endpoint;
        std::uint16_t priority;
        std::uint16_t most_urgent;
        Ticks processor_time;
    };
    static constexpr std::tuple reply_fields{
        field<&Reply::endpoint>("the process"),
        field<&Reply::priority>("the one that it has; 0 is the most urgent"),
        field<&Reply::most_urgent>("the most urgent priority that its privileges allow"),
        field<&Reply::processor_time>("what it has used since it was created"),
    };
    static constexpr std::array errors{CallError{Status::no_entry, "no process waits that was not fetched already"}};
    static constexpr CallMemory memory = CallMemory::untouched;
};

inline constexpr std::uint32_t quantum_limit_milliseconds = 1000;

struct Schedule {
    static constexpr std::string_view name = "schedule";
    static constexpr std::string_view summary = "Gives a process a priority and a whole quantum.";
    static constexpr std::string_view description =
        "The caller must be the scheduler that the privileges of the process name. If it waits for that, it goes on.";
    static constexpr CallGroup group = CallGroup::scheduling;
    struct Request {
        Endpoint endpoint;
        std::uint32_t quantum_milliseconds;
        std::uint64_t priority;
    };
    using Reply = NoReply;
    static constexpr std::tuple request_fields{
        field<&Request::endpoint>("the process"),
        field<&Request::quantum_milliseconds>("from 1 to 1000, rounded down to clock ticks of 5 ms, one at least"),
        field<&Request::priority>("0 is the most urgent"),
    };
    static constexpr std::array errors{
        CallError{Status::dead_endpoint, "the process is dead, or the endpoint is of an earlier generation"},
        CallError{Status::not_permitted, "the caller is not its scheduler"},
        CallError{Status::invalid, "the priority is none, or more urgent than its privileges allow; or the quantum is "
                                   "out of bounds"},
    };
    static constexpr CallMemory memory = CallMemory::untouched;
};

} // namespace tessera::kernel_calls
