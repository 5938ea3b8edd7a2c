// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The user side of the kernel: typed kernel calls and message primitives over one instruction. Header only, no C
// library.

#include "kernel/abi/kernel_call_table.h"
#include "kernel/abi/message.h"
#include "kernel/abi/result.h"

namespace tessera {

struct Received {
    Endpoint source;
    MessageKind kind = MessageKind::message;
    Message message;
};

namespace detail {

// The only SYSCALL instruction of user space; kernel/abi/message.h says which register carries what.
inline std::int64_t trap(std::uint64_t operation, std::uint64_t& endpoint, Message& message) {
    auto& w = message.words;
    std::uint64_t status = operation;
    std::uint64_t peer = endpoint;
    register std::uint64_t w2 asm("r8") = w[2];
    register std::uint64_t w3 asm("r9") = w[3];
    register std::uint64_t w4 asm("r10") = w[4];
    register std::uint64_t w5 asm("r12") = w[5];
    register std::uint64_t w6 asm("r13") = w[6];
    register std::uint64_t w7 asm("r14") = w[7];
    asm volatile("syscall"
                 : "+a"(status), "+D"(peer), "+S"(w[0]), "+d"(w[1]), "+r"(w2), "+r"(w3), "+r"(w4), "+r"(w5), "+r"(w6),
                   "+r"(w7)
                 :
                 : "rcx", "r11", "memory", "cc");
    w[2] = w2, w[3] = w3, w[4] = w4, w[5] = w5, w[6] = w6, w[7] = w7;
    endpoint = peer;
    return static_cast<std::int64_t>(status);
}

// Whatever is in a register already: for words that the kernel does not look at.
inline std::uint64_t anything() {
    std::uint64_t value;
    asm volatile("" : "=r"(value)); // volatile: or else one register is copied into all
    return value;
}

template <class Request> inline Message pack_used(const Request& request) {
    constexpr std::size_t used = std::is_empty_v<Request> ? 0 : (sizeof(Request) + 7) / 8;
    Message message = pack(request);
    for (std::size_t i = used; i < message_words; ++i) message.words[i] = anything();
    return message;
}

struct NoWords {};

inline Result<Received> primitive(Primitive operation, Endpoint endpoint, const Message& message) {
    Received received{.source = {}, .kind = {}, .message = message};
    std::uint64_t peer = endpoint.value();
    const std::int64_t status = trap(static_cast<std::uint64_t>(operation), peer, received.message);
    if (status < 0) return static_cast<Status>(-status);
    received.kind = static_cast<MessageKind>(status);
    received.source = Endpoint::from_value(static_cast<std::uint32_t>(peer));
    return received;
}

} // namespace detail

// Blocks until the receiver took the message. dead_endpoint, call_denied, locked.
inline Completion send(Endpoint to, const Message& message) {
    TESSERA_TRY(detail::primitive(Primitive::send, to, message));
    return Done{};
}

// dead_endpoint, call_denied, not_ready when the receiver does not wait.
inline Completion send_nonblocking(Endpoint to, const Message& message) {
    TESSERA_TRY(detail::primitive(Primitive::send_nonblocking, to, message));
    return Done{};
}

// Waits for a message or notification. dead_endpoint when `from` is one process and it dies.
inline Result<Received> receive(Endpoint from = endpoints::any) {
    return detail::primitive(Primitive::receive, from, detail::pack_used(detail::NoWords{}));
}

// Sends and waits for the answer of that same process; nothing else is received meanwhile. dead_endpoint, call_denied,
// locked.
inline Result<Message> send_receive(Endpoint to, const Message& message) {
    return TESSERA_TRY(detail::primitive(Primitive::send_receive, to, message)).message;
}

// Never blocks. dead_endpoint, call_denied.
inline Completion notify(Endpoint to) {
    TESSERA_TRY(detail::primitive(Primitive::notify, to, detail::pack_used(detail::NoWords{})));
    return Done{};
}

// Never blocks: the kernel keeps the message until the receiver takes it, as MessageKind::asynchronous. dead_endpoint,
// call_denied, primitive_denied (services only); try_again: asynchronous_limit are kept already, a notification
// (asynchronous_room) tells when one was taken. If the receiver dies first: message_lost, message_next_lost.
inline Completion send_asynchronous(Endpoint to, const Message& message) {
    TESSERA_TRY(detail::primitive(Primitive::send_asynchronous, to, message));
    return Done{};
}

// Answers `to` if it still waits, then receives from any.
inline Result<Received> reply_receive(Endpoint to, const Message& message) {
    return detail::primitive(Primitive::reply_receive, to, message);
}

// One kernel call of the table.
template <class Call> inline Result<typename Call::Reply> kernel_call(const typename Call::Request& request) {
    Message message = detail::pack_used(request);
    std::uint64_t peer = endpoints::kernel.value();
    const std::int64_t status = detail::trap(std::uint64_t{kernel_call_number<Call>} << 8, peer, message);
    if (status < 0) return static_cast<Status>(-status);
    return unpack<typename Call::Reply>(message);
}

} // namespace tessera
