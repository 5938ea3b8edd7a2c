// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Kernel calls: the kernel and the machine as a whole.

#include "kernel/abi/calls/call.h"
#include "kernel/abi/strong.h"

namespace tessera::kernel_calls {

struct Null {
    static constexpr std::string_view name = "null";
    static constexpr std::string_view summary = "Does nothing: the cost of a kernel call.";
    static constexpr CallGroup group = CallGroup::information;
    using Request = NoRequest;
    using Reply = NoReply;
    static constexpr auto errors = no_errors;
    static constexpr CallMemory memory = CallMemory::untouched;
};

struct CountersRead {
    static constexpr std::string_view name = "counters_read";
    static constexpr std::string_view summary = "Copies the counters of the kernel to the caller.";
    static constexpr CallGroup group = CallGroup::information;
    struct Request {
        VirtualAddress address;
    };
    using Reply = NoReply;
    static constexpr std::tuple request_fields{
        field<&Request::address>("where the caller wants the KernelCounters"),
    };
    static constexpr auto errors = no_errors;
    static constexpr CallMemory memory = CallMemory::accessed;
};

struct MachineInformation {
    std::uint64_t total_pages = 0;
    std::array<char, 48> processor{};     // brand string of CPUID, NUL-padded
    std::uint64_t feature_bits = 0;       // MachineFeature bits
    std::array<char, 256> command_line{}; // NUL-terminated
    std::uint64_t firmware = 0;           // Firmware
};

enum class MachineFeature : std::uint8_t {
    nx = 0,
    smep = 1,
    smap = 2,
    pcid = 3,
    global_pages = 4,
    xsave = 5,
    fsgsbase = 6
};

struct MachineRead {
    static constexpr std::string_view name = "machine_read";
    static constexpr std::string_view summary = "Copies what the kernel knows of the machine to the caller.";
    static constexpr CallGroup group = CallGroup::information;
    struct Request {
        VirtualAddress address;
    };
    using Reply = NoReply;
    static constexpr std::tuple request_fields{
        field<&Request::address>("where the caller wants the MachineInformation"),
    };
    static constexpr auto errors = no_errors;
    static constexpr CallMemory memory = CallMemory::accessed;
};

enum class MachineStop : std::uint64_t { power_off = 0, reboot = 1 };

struct MachineControl {
    static constexpr std::string_view name = "machine_control";
    static constexpr std::string_view summary = "Stops the machine.";
    static constexpr std::string_view description = "Does not return.";
    static constexpr CallGroup group = CallGroup::information;
    struct Request {
        MachineStop action;
    };
    using Reply = NoReply;
    static constexpr std::tuple request_fields{field<&Request::action>("0 power_off, 1 reboot")};
    static constexpr std::array errors{CallError{Status::invalid, "no such action"}};
    static constexpr CallMemory memory = CallMemory::untouched;
};

} // namespace tessera::kernel_calls
