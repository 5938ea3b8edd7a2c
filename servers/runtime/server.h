// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The server's side of a protocol: dispatch by the operation list. A handler has, for every operation,
//     Outcome<Op::Reply> handle(Op, const Op::Request&, Endpoint caller);
// and a missing one does not compile. Answers that come later are sent with `answer`.

#include "servers/protocols/protocol.h"
#include "servers/runtime/kernel.h"
#include <optional>
#include <variant>

namespace tessera::runtime {

struct Deferred {}; // the handler keeps the caller's endpoint and answers later

template <class Reply> class [[nodiscard]] Outcome {
public:
    Outcome(Reply reply) : value_(std::move(reply)) {}
    Outcome(Status status) : value_(status) {}
    Outcome(Deferred deferred) : value_(deferred) {}
    Outcome(const Result<Reply>& result) : value_(Deferred{}) {
        if (result.has_value())
            value_ = *result;
        else
            value_ = result.error();
    }

    // The message to send, or nothing when deferred.
    std::optional<Message> message() const {
        Message message;
        if (const auto* status = std::get_if<Status>(&value_))
            message.words[0] = static_cast<std::uint64_t>(-static_cast<std::int64_t>(*status));
        else if (const auto* reply = std::get_if<Reply>(&value_))
            protocol::store_payload(message, *reply);
        else
            return std::nullopt;
        return message;
    }

private:
    std::variant<Reply, Status, Deferred> value_;
};

// Sends a deferred answer. Never blocks; a client that died or gave up is its own loss.
template <class Reply> void answer(Endpoint client, const Outcome<Reply>& outcome) {
    if (const auto message = outcome.message()) (void)send_nonblocking(client, *message);
}

inline Message error_message(Status status) {
    Message message;
    message.words[0] = static_cast<std::uint64_t>(-static_cast<std::int64_t>(status));
    return message;
}

// Dispatches one request; the answer to send now, or nothing when deferred. bad_call for an unknown operation.
template <class Protocol, class Handler> std::optional<Message> dispatch(Handler& handler, const Received& request) {
    std::optional<Message> result = error_message(Status::bad_call);
    Protocol::List::for_each([&]<class Operation>() {
        if (request.message.words[0] != Protocol::template number<Operation>) return;
        const auto payload = protocol::load_payload<typename Operation::Request>(request.message);
        const Outcome<typename Operation::Reply> outcome = handler.handle(Operation{}, payload, request.source);
        result = outcome.message();
    });
    return result;
}

// The loop of a server. `handler.notified(source, NotificationMessage)` gets notifications, but for RS's heartbeat,
// which is answered here; `handler.kernel_message(received)`, where the handler has it, gets VM's faults and memory
// requests.
template <class Protocol, class Handler> [[noreturn]] void serve(Handler& handler) {
    std::optional<Message> pending;
    Endpoint client;
    for (;;) {
        const auto received = pending ? reply_receive(client, *pending) : receive();
        pending.reset();
        if (!received.has_value()) continue;
        client = received->source;
        switch (received->kind) {
        case MessageKind::message:
            pending = dispatch<Protocol>(handler, *received);
            break;
        case MessageKind::asynchronous: // a request that wants no answer
            (void)dispatch<Protocol>(handler, *received);
            break;
        case MessageKind::notification:
            if (client == endpoints::rs) (void)notify(endpoints::rs);
            handler.notified(client, unpack<NotificationMessage>(received->message));
            break;
        default:
            if constexpr (requires { handler.kernel_message(*received); }) handler.kernel_message(*received);
            break;
        }
    }
}

} // namespace tessera::runtime
