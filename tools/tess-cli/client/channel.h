// SPDX-License-Identifier: BSD-3-Clause
// A conversation with one system, and the way to start another: what the verbs see of the network.
#pragma once

#include "tools/tess-cli/client/clock.h"
#include "tools/tess-cli/client/failure.h"
#include "tools/tess-cli/client/hello.h"
#include "tools/tess-cli/client/json.h"

#include <memory>
#include <string_view>

namespace tessera::tess {

class Channel {
public:
    virtual ~Channel() = default;
    /// How the system greeted when the conversation began.
    [[nodiscard]] virtual const Hello& hello() const = 0;
    /// The `result` of one call, or why there is none.
    [[nodiscard]] virtual Result<Json> call(std::string_view method, const Json& params, Instant deadline) = 0;
};

class Connector {
public:
    virtual ~Connector() = default;
    /// Connects and takes the greeting.
    [[nodiscard]] virtual Result<std::unique_ptr<Channel>> connect(Instant deadline) = 0;
};

} // namespace tessera::tess
