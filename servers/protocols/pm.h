// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The process manager: user processes by number.

#include "kernel/abi/endpoint.h"
#include "kernel/abi/process.h"
#include "servers/protocols/protocol.h"

namespace tessera::protocol::pm {

// The most urgent priority of a user process; PM lowers that of one which computes for long.
inline constexpr std::uint8_t user_priority = 13;

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

// Waits for the death of a child; 0 = any. The child is forgotten with the answer.
struct Wait {
    static constexpr std::string_view name = "wait";
    static constexpr Repeat repeat = Repeat::once;
    struct Request {
        std::uint32_t process_id;
    };
    struct Reply {
        std::uint32_t process_id;
        DeathCause cause;
        std::uint64_t detail; // exit status, fault address
    };
    static constexpr std::array errors{Status::no_such};
};

struct Kill {
    static constexpr std::string_view name = "kill";
    static constexpr Repeat repeat = Repeat::idempotent;
    struct Request {
        std::uint32_t process_id;
    };
    using Reply = Nothing;
    static constexpr std::array errors{Status::no_such, Status::not_permitted};
};

struct Identify {
    static constexpr std::string_view name = "identify";
    static constexpr Repeat repeat = Repeat::idempotent;
    using Request = Nothing;
    struct Reply {
        std::uint32_t process_id;
        std::uint32_t parent_id;
    };
    static constexpr std::array errors{Status::no_such};
};

using PmProtocol = Protocol<ProtocolId::pm, Spawn, Wait, Kill, Identify>;

} // namespace tessera::protocol::pm
