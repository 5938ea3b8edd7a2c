// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Messages: 64 bytes in eight 64-bit words, always in registers. Semantics of the primitives: docs/kernel.md.
//
// Register use of the SYSCALL instruction (this page is the only place that says so):
//   in   rax = operation   rdi = endpoint   rsi rdx r8 r9 r10 r12 r13 r14 = words 0..7
//   out  rax = kind of what was received (>= 0) or minus a Status   rdi = source   the same eight = words 0..7
//   rcx and r11 are destroyed by the instruction, all other registers are kept.

#include "kernel/abi/endpoint.h"
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace tessera {

inline constexpr std::size_t message_words = 8;

struct Message {
    std::array<std::uint64_t, message_words> words{};
};
static_assert(sizeof(Message) == 64);

enum class Primitive : std::uint8_t {
    kernel_call = 0,       // operation bits 8..23 hold the number of the call; the words its request and reply
    send = 1,              // blocks until the receiver took the message
    receive = 2,           // from one endpoint or any
    send_receive = 3,      // send, then wait for the answer of that same endpoint
    notify = 4,            // never blocks; coalesces; carries no words
    send_nonblocking = 5,  // not_ready unless the receiver waits
    reply_receive = 6,     // send_nonblocking to `endpoint` (failure ignored: the client's loss), then receive from any
    send_asynchronous = 7, // never blocks: the kernel keeps the message until the receiver takes it; never an answer
};
inline constexpr std::uint32_t primitive_count = 8;

// Messages of one sender that the kernel keeps: those not taken yet, and those lost that it was not told of yet
// (message_next_lost). One more is refused with try_again.
inline constexpr std::uint32_t asynchronous_limit = 16;

// What a receive brought; in the low 32 bits of rax when it is not negative.
enum class MessageKind : std::uint32_t {
    message = 0,
    notification = 1,   // source says who; from hardware, clock and kernel the first words carry the pending set
    fault = 2,          // to VM only: the source process faulted; words as in FaultMessage
    memory_request = 3, // to VM only: the kernel needs user memory on behalf of the source; words as in MemoryRequest
    asynchronous = 4,   // of send_asynchronous: the source does not wait for an answer
};

// Words of a notification.
struct NotificationMessage {
    std::uint64_t timestamp = 0; // nanoseconds since boot at delivery
    std::uint64_t pending = 0;   // hardware: bit per interrupt line; kernel: bit per KernelEvent; else 0
};

enum class KernelEvent : std::uint8_t {
    process_died = 0,      // to a supervisor: fetch with process_next_death
    log_grew = 1,          // to the process that asked with log_watch
    message_lost = 2,      // to the sender of an asynchronous message whose receiver died: fetch with message_next_lost
    asynchronous_room = 3, // to a sender that got try_again: one of its messages was taken
    quantum_used = 4,      // to a scheduler: fetch with schedule_next
};

struct FaultMessage {
    std::uint64_t address = 0; // linear address that faulted
    std::uint64_t instruction_pointer = 0;
    std::uint64_t access = 0; // FaultAccess bits
};

enum class FaultAccess : std::uint64_t { read = 0, write = 1, execute = 2 };

struct MemoryRequest {
    std::uint64_t process = 0; // Endpoint value of the process whose memory is needed (the source is who waits)
    std::uint64_t address = 0; // first byte
    std::uint64_t bytes = 0;
    std::uint64_t access = 0; // FaultAccess: read or write
};

// Moves a trivially copyable request or reply into message words and back; unused words are zero.
template <class T> constexpr Message pack(const T& value) {
    static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= sizeof(Message));
    Message message;
    if constexpr (!std::is_empty_v<T>) std::memcpy(message.words.data(), &value, sizeof(T));
    return message;
}

template <class T> constexpr T unpack(const Message& message) {
    static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= sizeof(Message));
    T value{};
    if constexpr (!std::is_empty_v<T>) std::memcpy(static_cast<void*>(&value), message.words.data(), sizeof(T));
    return value;
}

} // namespace tessera
