// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The reincarnation server: services by label, their restart, and faults on purpose.

#include "kernel/abi/calls/information.h"
#include "kernel/abi/endpoint.h"
#include "kernel/abi/process.h"
#include "kernel/abi/strong.h"
#include "servers/protocols/protocol.h"

namespace tessera::protocol::rs {

enum class ServiceState : std::uint8_t { starting = 0, running = 1, restarting = 2, stopped = 3, failed = 4 };
enum class RestartPolicy : std::uint8_t {
    always = 0,
    never = 1,
    shutdown = 2
}; // shutdown: its death stops the machine

// Why RS killed a service: the detail of a last death with the cause `killed`.
enum class KillReason : std::uint64_t { on_request = 0, heartbeat_missed = 1, not_ready_in_time = 2 };

enum class LookupWait : std::uint32_t { answer_now = 0, until_running = 1 };

// The endpoint of a running service. With until_running the answer comes when the service runs (no_such if it never
// will).
struct Lookup {
    static constexpr std::string_view name = "lookup";
    static constexpr Repeat repeat = Repeat::idempotent;
    struct Request {
        Name label;
        LookupWait wait;
    };
    struct Reply {
        Endpoint endpoint;
    };
    static constexpr std::array errors{Status::no_such, Status::try_again};
};

// A service says that it can be called from now on (state running).
struct Ready {
    static constexpr std::string_view name = "ready";
    static constexpr Repeat repeat = Repeat::idempotent;
    using Request = Nothing;
    using Reply = Nothing;
    static constexpr std::array errors{Status::no_such};
};

// Services in the order of their table. DS reads its labels here, after each notification from RS.
struct ServiceNext {
    static constexpr std::string_view name = "service_next";
    static constexpr Repeat repeat = Repeat::idempotent;
    struct Request {
        std::uint64_t index; // the first at or after it
    };
    struct Reply {
        Name label;
        Endpoint endpoint; // none when it does not run
        std::uint32_t restarts;
        ServiceState state;
        RestartPolicy policy;
        std::uint8_t priority;
        DeathCause last_cause;                // of the last death; none when it never died
        std::uint16_t heartbeat_milliseconds; // 0: none
        std::uint16_t index;
        std::uint64_t last_detail; // of that death; when killed, a KillReason
        Nanoseconds started;       // when the present incarnation was started
    };
    static constexpr std::array errors{Status::no_entry};
};

// For services whose configuration says "control": ["services"]; a stopped or failed service is started.
struct ServiceRestart {
    static constexpr std::string_view name = "service_restart";
    static constexpr Repeat repeat = Repeat::once;
    struct Request {
        Name label;
    };
    struct Reply {
        Endpoint old_endpoint;
    };
    static constexpr std::array errors{Status::no_such, Status::not_permitted};
};

enum class FaultModel : std::uint8_t { crash_null_jump = 0, crash_illegal_instruction = 1, kill = 2, hang = 3 };
enum class FaultState : std::uint8_t { armed = 0, fired = 1, disarmed = 2, failed = 3 };

// For services whose configuration says "control": ["faults"].
struct FaultArm {
    static constexpr std::string_view name = "fault_arm";
    static constexpr Repeat repeat = Repeat::once;
    struct Request {
        Name target;
        FaultModel model;
        std::uint32_t delay_milliseconds; // at most 60000
    };
    struct Reply {
        std::uint64_t fault; // its number, from 1
    };
    static constexpr std::array errors{Status::no_such, Status::not_permitted, Status::no_space, Status::invalid};
};

struct FaultNext {
    static constexpr std::string_view name = "fault_next";
    static constexpr Repeat repeat = Repeat::idempotent;
    struct Request {
        std::uint64_t fault; // the first at or after this number
    };
    struct Reply {
        std::uint64_t fault;
        Name target;
        Nanoseconds fired_at;
        Endpoint endpoint; // whom it hit
        FaultModel model;
        FaultState state;
    };
    static constexpr std::array errors{Status::no_entry};
};

struct FaultDisarm {
    static constexpr std::string_view name = "fault_disarm";
    static constexpr Repeat repeat = Repeat::idempotent;
    struct Request {
        std::uint64_t fault;
    };
    struct Reply {
        FaultState state;
    };
    static constexpr std::array errors{Status::no_such, Status::not_permitted};
};

// The PCI device that the caller's configuration names. Its register range and interrupt line are in the caller's
// privileges, bus mastering is on.
struct DeviceInformation {
    static constexpr std::string_view name = "device_information";
    static constexpr Repeat repeat = Repeat::idempotent;
    using Request = Nothing;
    struct Reply {
        PhysicalAddress registers;
        std::uint64_t register_bytes;
        InterruptLine interrupt;
        std::uint16_t vendor;
        std::uint16_t device;
    };
    static constexpr std::array errors{Status::no_device};
};

// Starts a program of the boot archive as an unprivileged process, with the caller (PM) as its supervisor.
struct ProgramStart {
    static constexpr std::string_view name = "program_start";
    static constexpr Repeat repeat = Repeat::once;
    struct Request {
        Name program;
    };
    struct Reply {
        Endpoint endpoint;
    };
    static constexpr std::array errors{Status::not_permitted, Status::no_entry, Status::not_executable,
                                       Status::out_of_memory};
};

// Stops the machine in order. For services whose configuration says "control": ["machine"].
struct MachineStop {
    static constexpr std::string_view name = "machine_stop";
    static constexpr Repeat repeat = Repeat::once;
    struct Request {
        kernel_calls::MachineStop action;
        std::uint32_t delay_milliseconds;
    };
    using Reply = Nothing;
    static constexpr std::array errors{Status::invalid, Status::not_permitted};
};

using RsProtocol = Protocol<ProtocolId::rs, Lookup, Ready, ServiceNext, ServiceRestart, FaultArm, FaultNext,
                            FaultDisarm, DeviceInformation, ProgramStart, MachineStop>;

} // namespace tessera::protocol::rs
