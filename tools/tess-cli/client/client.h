// SPDX-License-Identifier: BSD-3-Clause
// JSON-RPC 2.0 over lines: one request at a time, every answer checked before it is believed.
#pragma once

#include "tools/tess-cli/client/byte_stream.h"
#include "tools/tess-cli/client/channel.h"
#include "tools/tess-cli/client/line_reader.h"

#include <cstdint>
#include <memory>

namespace tessera::tess {

/// The longest line that a system takes (docs/protocol.md); a longer request is not sent.
constexpr std::size_t request_limit = 64 * 1024;

class Client final : public Channel {
public:
    /// Waits for the greeting.
    [[nodiscard]] static Result<std::unique_ptr<Channel>> start(std::unique_ptr<ByteStream> stream, Instant deadline);

    [[nodiscard]] const Hello& hello() const override { return hello_; }
    [[nodiscard]] Result<Json> call(std::string_view method, const Json& params, Instant deadline) override;

private:
    Client(std::unique_ptr<ByteStream> stream, LineReader reader, Hello hello);

    /// Reads on until the answer to the request `last_id_` is there.
    [[nodiscard]] Result<Json> answer(std::string_view method, Instant deadline);

    std::unique_ptr<ByteStream> stream_;
    LineReader reader_;
    Hello hello_;
    std::uint64_t last_id_ = 0;
};

} // namespace tessera::tess
