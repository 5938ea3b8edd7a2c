// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// What the assistant does on demand. It runs as a service, and as a user process that PM starts.

#include "tests/target/assistant_memory_protocol.h"

namespace tessera::target {

// Ways to die, and two that are none.
enum class Misbehaviour : std::uint64_t {
    read_null,
    jump_to_null,
    write_to_code,
    execute_data,
    execute_stack,
    divide_by_zero,
    illegal_instruction,
    privileged_instruction,
    port_access,
    breakpoint,
    floating_point_error,
    overflow_stack,
    non_canonical_read,
    kernel_read,
    kernel_write,
    write_to_read_only,
    touch_unmapped,
    exhaust_memory,
    exit_with_7,
    call_abort,
    hang,             // loops for ever
    wait_for_nothing, // receives for ever and answers nobody
};

// With a delay it answers first, and misbehaves so many milliseconds later; without, it never answers.
struct Misbehave {
    static constexpr std::string_view name = "misbehave";
    static constexpr Repeat repeat = Repeat::once;
    struct Request {
        Misbehaviour how;
        std::uint64_t delay_milliseconds;
    };
    using Reply = Nothing;
    static constexpr std::array<Status, 0> errors{};
};

struct Echo {
    static constexpr std::string_view name = "echo";
    static constexpr Repeat repeat = Repeat::once;
    struct Request {
        std::array<std::uint64_t, message_words - 1> words;
    };
    using Reply = Request;
    static constexpr std::array<Status, 0> errors{};
};

// Uses a grant of anybody: copies from it, or fills it with `fill`. `status` is what the kernel said.
struct UseGrant {
    static constexpr std::string_view name = "use_grant";
    static constexpr Repeat repeat = Repeat::once;
    enum class Direction : std::uint32_t { from = 0, to = 1 };
    enum class OwnMemory : std::uint32_t { good = 0, null = 1, read_only = 2 }; // the assistant's side of the copy
    struct Request {
        Endpoint grantor;
        GrantId grant;
        std::uint64_t offset;
        std::uint64_t bytes; // at most buffer_bytes, but for checks of the kernel's limits
        Direction direction;
        OwnMemory own;
        std::uint64_t fill;
    };
    struct Reply {
        Status status;
        std::uint64_t sum; // of the copied bytes
    };
    static constexpr std::array<Status, 0> errors{};
    static constexpr std::uint64_t buffer_bytes = 64 * 1024;
};

// Sends three messages without being asked, blocking: words 1, 2, 3.
struct SendBack {
    static constexpr std::string_view name = "send_back";
    static constexpr Repeat repeat = Repeat::once;
    using Request = Nothing;
    using Reply = Nothing;
    static constexpr std::array<Status, 0> errors{};
};

// Notifies the caller so many times, then answers.
struct NotifyBack {
    static constexpr std::string_view name = "notify_back";
    static constexpr Repeat repeat = Repeat::once;
    struct Request {
        std::uint64_t times;
    };
    using Reply = Nothing;
    static constexpr std::array<Status, 0> errors{};
};

// Puts a pattern of its own into the vector registers, and uses 512 KiB of stack.
struct ScrambleRegisters {
    static constexpr std::string_view name = "scramble_registers";
    static constexpr Repeat repeat = Repeat::once;
    using Request = Nothing;
    using Reply = Nothing;
    static constexpr std::array<Status, 0> errors{};
};

// Asks the kernel for something with its own privileges; the status is what came back.
struct TryKernelCall {
    static constexpr std::string_view name = "try_kernel_call";
    static constexpr Repeat repeat = Repeat::once;
    struct Request {
        std::uint64_t number;
    };
    struct Reply {
        Status status;
    };
    static constexpr std::array<Status, 0> errors{};
};

// Tries a primitive with an endpoint; the status is what came back.
struct TryPrimitive {
    static constexpr std::string_view name = "try_primitive";
    static constexpr Repeat repeat = Repeat::once;
    struct Request {
        std::uint64_t primitive;
        Endpoint endpoint;
    };
    struct Reply {
        Status status;
    };
    static constexpr std::array<Status, 0> errors{};
};

// Answers; then sends 1 asynchronously, notifies, and sends 2 blocking.
struct SpeakInTurn {
    static constexpr std::string_view name = "speak_in_turn";
    static constexpr Repeat repeat = Repeat::once;
    using Request = Nothing;
    using Reply = Nothing;
    static constexpr std::array<Status, 0> errors{};
};

// Sends 1 asynchronously and notifies; then answers, or dies.
struct SpeakFirst {
    static constexpr std::string_view name = "speak_first";
    static constexpr Repeat repeat = Repeat::once;
    enum class Then : std::uint64_t { answer, die };
    struct Request {
        Then then;
    };
    using Reply = Nothing;
    static constexpr std::array<Status, 0> errors{};
};

// Makes a copy of itself, which goes on as another assistant. For those that are user processes.
struct ForkYourself {
    static constexpr std::string_view name = "fork_yourself";
    static constexpr Repeat repeat = Repeat::once;
    using Request = Nothing;
    struct Reply {
        std::uint32_t process_id;
    };
    static constexpr std::array errors{Status::not_permitted};
};

// Waits for the end of a child that it forked.
struct AwaitChild {
    static constexpr std::string_view name = "await_child";
    static constexpr Repeat repeat = Repeat::once;
    struct Request {
        std::uint32_t process_id;
    };
    using Reply = Nothing;
    static constexpr std::array errors{Status::no_such};
};

// Protocols of tests have numbers from 100 on.
using AssistantProtocol =
    protocol::Protocol<static_cast<protocol::ProtocolId>(100), Misbehave, Echo, UseGrant, SendBack, NotifyBack,
                       ScrambleRegisters, TryKernelCall, TryPrimitive, SpeakInTurn, SpeakFirst, MapGrant, UnmapGrant,
                       AccessWord, PassOn, GrantMagic, DropGrants, MapMemory, FillPages, ComparePages, DropGrant,
                       RevokeMaps, RevokeRange, CopyGrant, ReadEnds, ForkYourself, AwaitChild>;

} // namespace tessera::target
