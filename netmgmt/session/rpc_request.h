// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// One JSON-RPC 2.0 request out of a line.

#include "netmgmt/methods/rpc_error.h"

#include <optional>
#include <string>
#include <string_view>

namespace tessera::netmgmt {

/// Refers into the document that was read.
struct RpcRequest {
    std::string id = "null"; ///< as JSON text; "null" when none was given or could be told
    bool is_notification = false;
    std::string_view method{};
    JsonView parameters = JsonView::empty_object(); ///< an object or an array
    std::optional<RpcError> error{};                ///< why it is no valid request
};

[[nodiscard]] RpcRequest read_request(JsonView json);

} // namespace tessera::netmgmt
