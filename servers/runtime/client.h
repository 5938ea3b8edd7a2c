// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The client's side of a protocol.

#include "servers/protocols/protocol.h"
#include "servers/runtime/kernel.h"

namespace tessera::runtime {

// One request to a known endpoint, and its answer. Errors: those of the operation, and dead_endpoint, call_denied,
// locked.
template <class Protocol, class Operation>
[[nodiscard]] Result<typename Operation::Reply> call(Endpoint server, const typename Operation::Request& request) {
    Message message;
    message.words[0] = Protocol::template number<Operation>;
    protocol::store_payload(message, request);
    const Message answer = TESSERA_TRY(send_receive(server, message));
    const auto status = static_cast<std::int64_t>(answer.words[0]);
    if (status != 0) return static_cast<Status>(-status);
    return protocol::load_payload<typename Operation::Reply>(answer);
}

} // namespace tessera::runtime
