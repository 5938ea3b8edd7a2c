// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Kernel calls: signals. What they mean: docs/kernel.md.

#include "kernel/abi/calls/call.h"
#include "kernel/abi/endpoint.h"
#include "kernel/abi/signals.h"
#include "kernel/abi/strong.h"

namespace tessera::kernel_calls {

struct SignalActions {
    static constexpr std::string_view name = "signal_actions";
    static constexpr std::string_view summary = "Says which signals the caller handles, and which it ignores.";
    static constexpr std::string_view description =
        "A signal in neither set does what is usual for it: it ends the process, or nothing. Kill and stop cannot be "
        "handled or ignored.";
    static constexpr CallGroup group = CallGroup::signals;
    struct Request {
        VirtualAddress entry;
        SignalSet handled;
        SignalSet ignored;
    };
    using Reply = NoReply;
    static constexpr std::tuple request_fields{
        field<&Request::entry>("where the process is entered when it handles a signal, with the address of the "
                               "SignalFrame as the argument of a function"),
        field<&Request::handled>("bit n - 1 for signal n"),
        field<&Request::ignored>("bit n - 1 for signal n; handled ones are not ignored"),
    };
    static constexpr std::array errors{CallError{Status::invalid, "the entry is not in user space"}};
    static constexpr CallMemory memory = CallMemory::untouched;
};

enum class MaskChange : std::uint64_t { add = 0, remove = 1, replace = 2 };

struct SignalMask {
    static constexpr std::string_view name = "signal_mask";
    static constexpr std::string_view summary = "Changes the set of signals that the caller holds back.";
    static constexpr std::string_view description =
        "A signal that is pending and no longer held back is delivered before the call returns.";
    static constexpr CallGroup group = CallGroup::signals;
    struct Request {
        MaskChange change;
        SignalSet signals;
    };
    struct Reply {
        SignalSet before;
        SignalSet pending;
    };
    static constexpr std::tuple request_fields{
        field<&Request::change>("0 add, 1 remove, 2 replace"),
        field<&Request::signals>("bit n - 1 for signal n; kill and stop are never held back"),
    };
    static constexpr std::tuple reply_fields{
        field<&Reply::before>("the set before the call"),
        field<&Reply::pending>("the signals that were held back"),
    };
    static constexpr std::array errors{CallError{Status::invalid, "no such change"}};
    static constexpr CallMemory memory = CallMemory::untouched;
};

struct SignalWait {
    static constexpr std::string_view name = "signal_wait";
    static constexpr std::string_view summary = "Waits for a signal, with another mask meanwhile.";
    static constexpr std::string_view description =
        "It answers EINTR after a signal was handled; the mask is then what it was before.";
    static constexpr CallGroup group = CallGroup::signals;
    struct Request {
        SignalSet mask;
    };
    using Reply = NoReply;
    static constexpr std::tuple request_fields{
        field<&Request::mask>("what is held back while the caller waits"),
    };
    static constexpr std::array errors{CallError{Status::interrupted, "a signal was handled; there is no other end"}};
    static constexpr CallMemory memory = CallMemory::untouched;
};

struct SignalRaise {
    static constexpr std::string_view name = "signal_raise";
    static constexpr std::string_view summary = "Posts a signal to the caller itself.";
    static constexpr std::string_view description =
        "When it is handled and not held back, it is delivered before the call returns.";
    static constexpr CallGroup group = CallGroup::signals;
    struct Request {
        Signal signal;
    };
    using Reply = NoReply;
    static constexpr std::tuple request_fields{field<&Request::signal>("its number, 1 to 64")};
    static constexpr std::array errors{CallError{Status::invalid, "no such signal"}};
    static constexpr CallMemory memory = CallMemory::untouched;
};

struct SignalReturn {
    static constexpr std::string_view name = "signal_return";
    static constexpr std::string_view summary = "Goes on where a signal interrupted the caller.";
    static constexpr std::string_view description =
        "Does not return. The frame is the caller's memory and is believed only where it can do no harm: a bad one "
        "ends the caller.";
    static constexpr CallGroup group = CallGroup::signals;
    struct Request {
        VirtualAddress frame;
    };
    using Reply = NoReply;
    static constexpr std::tuple request_fields{
        field<&Request::frame>("the SignalFrame that was the argument of the entry"),
    };
    static constexpr auto errors = no_errors;
    static constexpr CallMemory memory = CallMemory::accessed;
};

// What became of a signal.
enum class SignalEffect : std::uint64_t { nothing = 0, held_back = 1, delivered = 2, ended = 3 };

struct SignalPost {
    static constexpr std::string_view name = "signal_post";
    static constexpr std::string_view summary = "Posts a signal to a process.";
    static constexpr std::string_view description =
        "A process that has no message under way gets it before it runs again; one that waits in receive gets EINTR "
        "there. One that waits for an answer gets the signal after the answer: who is to give it may hurry.";
    static constexpr CallGroup group = CallGroup::signals;
    struct Request {
        Endpoint endpoint;
        Signal signal;
    };
    struct Reply {
        SignalEffect effect;
    };
    static constexpr std::tuple request_fields{
        field<&Request::endpoint>("the process"),
        field<&Request::signal>("its number, 1 to 64"),
    };
    static constexpr std::tuple reply_fields{
        field<&Reply::effect>("0 nothing: it is ignored; 1 held_back; 2 delivered: it will be handled; 3 ended: the "
                              "process died of it"),
    };
    static constexpr std::array errors{
        CallError{Status::dead_endpoint, "the process is dead, or of another generation"},
        CallError{Status::not_permitted, "VM and RS get no signals"},
        CallError{Status::invalid, "no such signal"},
    };
    static constexpr CallMemory memory = CallMemory::untouched;
};

} // namespace tessera::kernel_calls
