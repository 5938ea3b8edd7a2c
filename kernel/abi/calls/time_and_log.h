// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Kernel calls: the clock, the alarm of a process, the system log.

#include "kernel/abi/calls/call.h"
#include "kernel/abi/counters.h"
#include "kernel/abi/strong.h"

namespace tessera::kernel_calls {

struct ClockRead {
    static constexpr std::string_view name = "clock_read";
    static constexpr std::string_view summary = "Tells the time since boot and the rate of the time-stamp counter.";
    static constexpr std::string_view description =
        "With the rate and the counter at entry, a process can read the time from the time-stamp counter alone.";
    static constexpr CallGroup group = CallGroup::time_and_log;
    using Request = NoRequest;
    struct Reply {
        Nanoseconds time;
        Ticks counter;
        std::uint64_t ticks_per_second;
        Ticks at_entry;
    };
    static constexpr std::tuple reply_fields{
        field<&Reply::time>("since the kernel was entered"),
        field<&Reply::counter>("the time-stamp counter now"),
        field<&Reply::ticks_per_second>("rate of the time-stamp counter, measured at boot"),
        field<&Reply::at_entry>("the time-stamp counter when the kernel was entered"),
    };
    static constexpr auto errors = no_errors;
    static constexpr CallMemory memory = CallMemory::untouched;
};

struct AlarmSet {
    static constexpr std::string_view name = "alarm_set";
    static constexpr std::string_view summary = "Sets or cancels the alarm of the caller.";
    static constexpr std::string_view description =
        "The caller is notified from clock at the first clock tick at which the time since boot has reached the "
        "deadline. A process has one alarm: a new deadline replaces the old one, and an alarm that rang and was not "
        "received yet is forgotten.";
    static constexpr CallGroup group = CallGroup::time_and_log;
    struct Request {
        Nanoseconds deadline;
    };
    using Reply = NoReply;
    static constexpr std::tuple request_fields{
        field<&Request::deadline>("time since boot; 0: no alarm"),
    };
    static constexpr auto errors = no_errors;
    static constexpr CallMemory memory = CallMemory::untouched;
};

struct LogWrite {
    static constexpr std::string_view name = "log_write";
    static constexpr std::string_view summary = "Appends one line to the system log.";
    static constexpr std::string_view description =
        "Control characters become question marks. The log is a ring: old lines are overwritten.";
    static constexpr CallGroup group = CallGroup::time_and_log;
    struct Request {
        VirtualAddress address;
        std::uint64_t bytes;
        LogLevel level;
    };
    using Reply = NoReply;
    static constexpr std::tuple request_fields{
        field<&Request::address>("of the text, in the caller's memory"),
        field<&Request::bytes>("length of the text, at most log_text_limit"),
        field<&Request::level>("0 debug, 1 info, 2 warning, 3 error"),
    };
    static constexpr std::array errors{
        CallError{Status::too_big, "bytes is more than log_text_limit"},
        CallError{Status::invalid, "level is none of the four"},
    };
    static constexpr CallMemory memory = CallMemory::accessed;
};

struct LogRead {
    static constexpr std::string_view name = "log_read";
    static constexpr std::string_view summary = "Copies a record of the system log to the caller.";
    static constexpr std::string_view description =
        "It is the first record with at least the sequence asked for. The record tells its own sequence: a higher one "
        "than asked for means that older records were overwritten.";
    static constexpr CallGroup group = CallGroup::time_and_log;
    struct Request {
        std::uint64_t sequence;
        VirtualAddress address;
    };
    using Reply = NoReply;
    static constexpr std::tuple request_fields{
        field<&Request::sequence>("of the record; the first ever has 1"),
        field<&Request::address>("where the caller wants the LogRecord"),
    };
    static constexpr std::array errors{CallError{Status::no_entry, "no record with such a sequence is written yet"}};
    static constexpr CallMemory memory = CallMemory::accessed;
};

struct LogWatch {
    static constexpr std::string_view name = "log_watch";
    static constexpr std::string_view summary = "Makes the caller the one that prints the system log.";
    static constexpr std::string_view description =
        "From now on each new line notifies the caller (KernelEvent::log_grew), and the kernel itself prints no line "
        "until the caller dies. Another caller takes its place.";
    static constexpr CallGroup group = CallGroup::time_and_log;
    using Request = NoRequest;
    using Reply = NoReply;
    static constexpr auto errors = no_errors;
    static constexpr CallMemory memory = CallMemory::untouched;
};

} // namespace tessera::kernel_calls
