// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// From a line to its reply: parse, execute the request or the batch, answer. Serves all connections one after the other
// and so needs one reply buffer. Nothing that goes wrong in a method gets out of here.

#include "netmgmt/json/bounded_text.h"
#include "netmgmt/json/strict_parser.h"
#include "netmgmt/methods/dispatcher.h"
#include "netmgmt/session/rpc_request.h"

namespace tessera::netmgmt {

class LineExecutor {
public:
    explicit LineExecutor(const Dispatcher& dispatcher) : dispatcher_(dispatcher), reply_(limits::reply_bytes) {}

    // Replies have their LF, are at most limits::reply_bytes long and good until the next call; empty when none is due.

    [[nodiscard]] std::string_view execute(std::string_view line, Caller& caller) noexcept;
    /// Answers `line` if it is a lone `system.ping`, which may overtake others; nothing at all when it is not.
    [[nodiscard]] std::optional<std::string_view> execute_ping(std::string_view line, Caller& caller) noexcept;
    /// An error that answers no request in particular.
    [[nodiscard]] std::string_view refuse(ErrorCode code, std::string_view message, std::string_view limit) noexcept;

private:
    template <class Action> std::string_view guarded(Action&& action) noexcept;

    void answer_line(std::string_view line, Caller& caller);
    void answer_batch(JsonView batch, Caller& caller);
    void answer(JsonView json, Caller& caller);
    void answer_request(const RpcRequest& request, Caller& caller);
    void append_error(std::string_view id, const RpcError& error);
    void append_internal_error(std::string_view id) noexcept;

    const Dispatcher& dispatcher_;
    BoundedText reply_;
};

} // namespace tessera::netmgmt
