// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// How a protocol is declared. An operation is a struct with `name`, `repeat`, `Request`, `Reply` and `errors`; a
// protocol lists its operations once, at the end of its header. Client and server stubs, trace names and schema derive
// from that list.
//
// On the wire: request word 0 = protocol id << 16 | index of the operation; reply word 0 = 0 or minus a Status;
// words 1..7 hold the Request or Reply struct. Larger things go by grant.

#include "kernel/abi/message.h"
#include "kernel/abi/status.h"
#include "kernel/abi/type_list.h"
#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace tessera::protocol {

// Whether a client may send a request again when the server died before it answered.
enum class Repeat : std::uint8_t { idempotent, once };

enum class ProtocolId : std::uint16_t { vm = 1, rs = 2, ds = 3, pm = 4, ethernet = 5 };

struct Nothing {};

inline constexpr std::size_t payload_bytes = (message_words - 1) * sizeof(std::uint64_t);

template <ProtocolId Id, class... Operations> struct Protocol {
    using List = TypeList<Operations...>;
    static constexpr ProtocolId id = Id;
    static_assert(((sizeof(typename Operations::Request) <= payload_bytes) && ...), "a request does not fit a message");
    static_assert(((sizeof(typename Operations::Reply) <= payload_bytes) && ...), "a reply does not fit a message");
    static_assert((std::is_trivially_copyable_v<typename Operations::Request> && ...));
    static_assert((std::is_trivially_copyable_v<typename Operations::Reply> && ...));

    template <class Operation>
    static constexpr std::uint64_t number = static_cast<std::uint64_t>(Id) << 16 | List::template index_of<Operation>();
};

template <class Payload> constexpr void store_payload(Message& message, const Payload& payload) {
    if constexpr (!std::is_empty_v<Payload>) std::memcpy(&message.words[1], &payload, sizeof(Payload));
}

template <class Payload> constexpr Payload load_payload(const Message& message) {
    Payload payload{};
    if constexpr (!std::is_empty_v<Payload>)
        std::memcpy(static_cast<void*>(&payload), &message.words[1], sizeof(Payload));
    return payload;
}

} // namespace tessera::protocol
