// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Kernel calls: what drivers need of the machine.

#include "kernel/abi/calls/call.h"
#include "kernel/abi/endpoint.h"
#include "kernel/abi/strong.h"

namespace tessera::kernel_calls {

struct InterruptEnable {
    static constexpr std::string_view name = "interrupt_enable";
    static constexpr std::string_view summary = "Asks for the next interrupt of a line.";
    static constexpr std::string_view description =
        "It comes as a notification from hardware. The line is then masked until the next interrupt_enable.";
    static constexpr CallGroup group = CallGroup::devices;
    struct Request {
        InterruptLine line;
    };
    using Reply = NoReply;
    static constexpr std::tuple request_fields{field<&Request::line>("one of those in the caller's privileges")};
    static constexpr std::array errors{
        CallError{Status::not_permitted, "the line is not in the caller's privileges, or the machine has no such line"},
        CallError{Status::busy, "another living process has the line"},
    };
    static constexpr CallMemory memory = CallMemory::untouched;
};

enum class InterruptLineState : std::uint32_t {
    closed = 0,    // until its owner enables it
    open = 1,      // the next interrupt is delivered
    contained = 2, // enabled, but there were too many: open when the window of time ends
};

struct InterruptsRead {
    static constexpr std::string_view name = "interrupts_read";
    static constexpr std::string_view summary = "Tells what became of the interrupts of a line.";
    static constexpr CallGroup group = CallGroup::devices;
    struct Request {
        InterruptLine line;
    };
    struct Reply {
        Endpoint owner;
        InterruptLineState state;
        std::uint64_t raised;
        std::uint64_t delivered;
        std::uint64_t spurious;
        std::uint64_t contained;
    };
    static constexpr std::tuple request_fields{field<&Request::line>("from 0")};
    static constexpr std::tuple reply_fields{
        field<&Reply::owner>("the process that enabled it, or none"),
        field<&Reply::state>("0 closed, 1 open, 2 contained"),
        field<&Reply::raised>("interrupts"),
        field<&Reply::delivered>("notifications to its owners"),
        field<&Reply::spurious>("interrupts that nobody had asked for"),
        field<&Reply::contained>("times that enabling it took effect only at the end of a window"),
    };
    static constexpr std::array errors{CallError{Status::no_entry, "the machine has no such line"}};
    static constexpr CallMemory memory = CallMemory::untouched;
};

enum class IoWidth : std::uint64_t { byte = 1, word = 2, double_word = 4 };

struct PortRead {
    static constexpr std::string_view name = "port_read";
    static constexpr std::string_view summary = "Reads an I/O port.";
    static constexpr CallGroup group = CallGroup::devices;
    struct Request {
        IoPort port;
        IoWidth width;
    };
    struct Reply {
        std::uint64_t value;
    };
    static constexpr std::tuple request_fields{
        field<&Request::port>("the first port; all that the width covers must be in one range of the privileges"),
        field<&Request::width>("1, 2 or 4 bytes"),
    };
    static constexpr std::tuple reply_fields{field<&Reply::value>("what was read; the bits above the width are 0")};
    static constexpr std::array errors{
        CallError{Status::invalid, "no such width"},
        CallError{Status::not_permitted, "the ports are not in the caller's privileges"},
    };
    static constexpr CallMemory memory = CallMemory::untouched;
};

struct PortWrite {
    static constexpr std::string_view name = "port_write";
    static constexpr std::string_view summary = "Writes an I/O port.";
    static constexpr CallGroup group = CallGroup::devices;
    struct Request {
        IoPort port;
        IoWidth width;
        std::uint64_t value;
    };
    using Reply = NoReply;
    static constexpr std::tuple request_fields{
        field<&Request::port>("the first port; all that the width covers must be in one range of the privileges"),
        field<&Request::width>("1, 2 or 4 bytes"),
        field<&Request::value>("what to write; the bits above the width do not matter"),
    };
    static constexpr std::array errors{
        CallError{Status::invalid, "no such width"},
        CallError{Status::not_permitted, "the ports are not in the caller's privileges"},
    };
    static constexpr CallMemory memory = CallMemory::untouched;
};

} // namespace tessera::kernel_calls
