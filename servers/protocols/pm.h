// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The process manager: user processes by number.

#include "kernel/abi/endpoint.h"
#include "kernel/abi/process.h"
#include "kernel/abi/signals.h"
#include "servers/protocols/protocol.h"

namespace tessera::protocol::pm {

// The most urgent priority of a user process; PM lowers that of one which computes for long.
inline constexpr std::uint8_t user_priority = 13;

// The number of a process is its endpoint written with fewer bits: generation, then slot. So everybody knows it without
// asking; it is unique among all that live, is not used again before its slot came round a million times, and is
// positive as a C program's pid_t. 0 is no process.
using ProcessId = Scalar<struct ProcessIdTag, std::uint32_t>;

static_assert(process_limit * std::uint64_t{Endpoint::generation_limit} <= 1ull << 31);

constexpr ProcessId id_of(Endpoint endpoint) { return {endpoint.generation() * process_limit + endpoint.slot()}; }
constexpr Endpoint endpoint_of(ProcessId id) {
    if (id.value / process_limit >= Endpoint::generation_limit) return endpoints::none;
    return {id.value % process_limit, id.value / process_limit};
}

// Starts a program of the boot archive as a child of the caller.
struct Spawn {
    static constexpr std::string_view name = "spawn";
    static constexpr Repeat repeat = Repeat::once;
    struct Request {
        Name program;
    };
    struct Reply {
        std::uint32_t process_id;
        Endpoint endpoint;
    };
    static constexpr std::array errors{Status::no_entry, Status::not_executable, Status::out_of_memory,
                                       Status::no_space};
};

// Makes a copy of the caller, a user process, as its child. Both get an answer. try_again: the caller has as many
// children as a process may have, or the process table is full.
struct Fork {
    static constexpr std::string_view name = "fork";
    static constexpr Repeat repeat = Repeat::once;
    using Request = Nothing;
    struct Reply {
        std::uint32_t process_id; // of the child; 0: the child itself gets this answer
    };
    static constexpr std::array errors{Status::not_permitted, Status::try_again, Status::out_of_memory};
};

// The longest block of argument and environment strings.
inline constexpr std::size_t argument_bytes_limit = 4096;

// The caller, a user process, goes on with another program; there is no answer then. After an error it goes on as it
// was.
struct Exec {
    static constexpr std::string_view name = "exec";
    static constexpr Repeat repeat = Repeat::once;
    struct Request {
        Name program;
        VirtualAddress arguments;     // in the caller: the strings of argv, then those of envp, each with its NUL
        std::uint32_t argument_bytes; // of all strings
        std::uint32_t argument_count; // of argv
    };
    using Reply = Nothing;
    static constexpr std::array errors{Status::not_permitted, Status::no_entry, Status::not_executable,
                                       Status::damaged,       Status::too_big,  Status::out_of_memory,
                                       Status::bad_address};
};

enum class WaitTime : std::uint32_t { until_death = 0, none = 1 };
enum class WaitFor : std::uint32_t { forget = 0, look = 1 }; // look: the child can be waited for again

// The death of a child of the caller. no_such: it has no child of this number, or none at all;
// interrupted: it handles a signal.
struct Wait {
    static constexpr std::string_view name = "wait";
    static constexpr Repeat repeat = Repeat::once;
    struct Request {
        std::uint32_t process_id; // 0: any child
        WaitTime time;
        WaitFor purpose;
    };
    struct Reply {
        std::uint32_t process_id; // 0: no such child is dead, and the caller did not want to wait
        DeathCause cause;
        std::uint64_t detail; // as in DeathReport
    };
    static constexpr std::array errors{Status::no_such, Status::interrupted};
};

// Posts a signal to a process; none only asks whether it could be. A process may signal its family: those that have the
// same first ancestor. A service may signal any.
struct Kill {
    static constexpr std::string_view name = "kill";
    static constexpr Repeat repeat = Repeat::idempotent;
    struct Request {
        std::uint32_t process_id;
        Signal signal;
    };
    using Reply = Nothing;
    static constexpr std::array errors{Status::no_such, Status::not_permitted, Status::invalid};
};

// The caller's own number and its parent's.
struct Identify {
    static constexpr std::string_view name = "identify";
    static constexpr Repeat repeat = Repeat::idempotent;
    using Request = Nothing;
    struct Reply {
        std::uint32_t process_id;
        std::uint32_t parent_id; // 0: the parent is a service, or dead
    };
    static constexpr std::array errors{Status::no_such};
};

// A service wants to be told of signals that a process handles, and of its death: PM notifies it, and it fetches with
// WatchNext. For services that PM's configuration file names. A process that is watched already stays so.
struct Watch {
    static constexpr std::string_view name = "watch";
    static constexpr Repeat repeat = Repeat::idempotent;
    struct Request {
        Endpoint process;
    };
    using Reply = Nothing;
    static constexpr std::array errors{Status::not_permitted, Status::no_such};
};

// What was not fetched is forgotten.
struct Unwatch {
    static constexpr std::string_view name = "unwatch";
    static constexpr Repeat repeat = Repeat::idempotent;
    struct Request {
        Endpoint process;
    };
    using Reply = Nothing;
    static constexpr std::array<Status, 0> errors{};
};

// death: the last that is told of a process; its endpoint is not used again before it was fetched.
enum class WatchEvent : std::uint32_t { signal = 0, death = 1 };

// no_entry: nothing that the caller was not told of. Several signals of a process are one event, and its death covers
// them.
struct WatchNext {
    static constexpr std::string_view name = "watch_next";
    static constexpr Repeat repeat = Repeat::once;
    using Request = Nothing;
    struct Reply {
        Endpoint process;
        WatchEvent event;
    };
    static constexpr std::array errors{Status::no_entry};
};

struct Statistics {
    static constexpr std::string_view name = "statistics";
    static constexpr Repeat repeat = Repeat::idempotent;
    using Request = Nothing;
    struct Reply {
        std::uint64_t watch_notifications; // of this incarnation of PM
        std::uint32_t living;
        std::uint32_t dead; // not waited for, or not fetched by who watches them
        std::uint32_t watched;
    };
    static constexpr std::array<Status, 0> errors{};
};

using PmProtocol =
    Protocol<ProtocolId::pm, Spawn, Fork, Exec, Wait, Kill, Identify, Watch, Unwatch, WatchNext, Statistics>;

} // namespace tessera::protocol::pm
