// SPDX-License-Identifier: BSD-3-Clause
// The seam between the conversation and what carries it: TCP today, an encrypted channel later, a script in tests.
#pragma once

#include "tools/tess-cli/client/clock.h"
#include "tools/tess-cli/client/failure.h"

#include <cstddef>
#include <span>
#include <string_view>

namespace tessera::tess {

class ByteStream {
public:
    virtual ~ByteStream() = default;
    /// Sends all of `bytes` before the deadline.
    [[nodiscard]] virtual Result<void> write(std::string_view bytes, Instant deadline) = 0;
    /// Receives at least one byte; 0 when the peer has closed.
    [[nodiscard]] virtual Result<std::size_t> read(std::span<char> buffer, Instant deadline) = 0;
};

} // namespace tessera::tess
