// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The message primitives as the manual describes them, and the errors that each can answer.

#include "kernel/abi/calls/call.h"
#include "kernel/abi/message.h"
#include <algorithm>
#include <span>

namespace tessera {

struct PrimitiveDeclaration {
    Primitive primitive;
    std::string_view name;
    std::string_view summary;
    std::string_view description;
    std::span<const CallError> errors; // besides primitive_denied
};

inline constexpr CallError primitive_error{Status::primitive_denied,
                                           "the primitive is not in the caller's primitive mask"};

namespace primitive_errors {

inline constexpr CallError dead_peer{Status::dead_endpoint,
                                     "the peer is dead, of another generation, or no process; or it dies meanwhile"};
inline constexpr CallError denied{Status::call_denied,
                                  "the peer's service is not in the caller's send mask, nor does the peer wait for "
                                  "just this caller's answer"};
inline constexpr CallError cycle{Status::locked,
                                 "the peer is the caller itself, or waits, maybe through others, for the caller"};

inline constexpr CallError special{Status::invalid, "the peer is a special endpoint: those can only be received from"};

inline constexpr std::array send{dead_peer, special, denied, cycle};
inline constexpr std::array send_nonblocking{
    dead_peer, special, denied, CallError{Status::locked, "the peer is the caller itself"},
    CallError{Status::not_ready, "the peer does not wait for a message of the caller"}};
inline constexpr CallError signal{Status::interrupted, "the caller handled a signal while it waited"};
inline constexpr std::array receive{dead_peer, cycle, signal};
inline constexpr std::array reply_receive{signal};
inline constexpr std::array notify{
    CallError{Status::dead_endpoint, "the peer is dead, of another generation, or no process"}, special,
    CallError{Status::call_denied, "the peer's service is not in the caller's send mask"}};
inline constexpr std::array send_asynchronous{
    notify[0], special, notify[2], CallError{Status::locked, "the peer is the caller itself"},
    CallError{Status::try_again, "the kernel keeps sixteen messages of the caller already"}};

} // namespace primitive_errors

inline constexpr std::array primitive_declarations{
    PrimitiveDeclaration{Primitive::send, "send", "Sends a message and waits until it was taken.",
                         "The caller is blocked until the peer receives from it.", primitive_errors::send},
    PrimitiveDeclaration{
        Primitive::receive, "receive", "Waits for a message or notification.",
        "From one process, from any, or from one of the kernel's sources: hardware, clock, kernel. What comes first: "
        "notifications (hardware, clock, kernel, then processes by slot), asynchronous messages, then those of blocked "
        "senders; oldest first.",
        primitive_errors::receive},
    PrimitiveDeclaration{
        Primitive::send_receive, "send_receive", "Sends a message and waits for the answer of the same process.",
        "Until the answer comes, the caller takes nothing else: no notification and no message of a third process. The "
        "peer needs no right to answer.",
        primitive_errors::send},
    PrimitiveDeclaration{
        Primitive::notify, "notify", "Tells a process that there is something to look at.",
        "Never blocks and carries no words. Notifications of the same process that were not received yet are one.",
        primitive_errors::notify},
    PrimitiveDeclaration{Primitive::send_nonblocking, "send_nonblocking",
                         "Sends a message to a process that waits for it.",
                         "Never blocks: a server answers its clients with it.", primitive_errors::send_nonblocking},
    PrimitiveDeclaration{
        Primitive::reply_receive, "reply_receive", "Answers one process and waits for the next request of any.",
        "A send_nonblocking whose failure is ignored, as it is the client's loss, and a receive from any.",
        primitive_errors::reply_receive},
    PrimitiveDeclaration{
        Primitive::send_asynchronous, "send_asynchronous", "Sends a message that the kernel keeps until it is taken.",
        "Never blocks. The message is never the answer that a process waits for in send_receive. The event "
        "asynchronous_room tells a caller that got EAGAIN when one of its messages was taken. When the receiver dies "
        "first, the event message_lost tells, and message_next_lost brings the message. For services only.",
        primitive_errors::send_asynchronous},
};
// All but kernel_call, whose errors are those of the calls.
static_assert(primitive_declarations.size() == primitive_count - 1);

constexpr const PrimitiveDeclaration& declaration_of(Primitive primitive) {
    return *std::ranges::find(primitive_declarations, primitive, &PrimitiveDeclaration::primitive);
}

// ok is always declared.
constexpr bool may_answer(Primitive primitive, Status status) {
    const auto is = [&](const CallError& error) { return error.status == status; };
    return status == Status::ok || is(primitive_error) || std::ranges::any_of(declaration_of(primitive).errors, is);
}

} // namespace tessera
