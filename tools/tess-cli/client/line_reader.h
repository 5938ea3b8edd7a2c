// SPDX-License-Identifier: BSD-3-Clause
// Lines out of a byte stream, none longer than a limit, none waited for longer than a deadline.
#pragma once

#include "tools/tess-cli/client/byte_stream.h"

#include <cstddef>
#include <string>

namespace tessera::tess {

/// The longest line taken from a peer. Four times what a page of a list may be.
constexpr std::size_t line_limit = std::size_t{1} << 20;

class LineReader {
public:
    explicit LineReader(std::size_t limit = line_limit) : limit_{limit} {}

    /// One line without its LF or CRLF. After a failure other than a timeout the stream is of no further use;
    /// after a timeout what has arrived is kept, and the next call goes on from there.
    [[nodiscard]] Result<std::string> next(ByteStream& stream, Instant deadline);

private:
    /// Removes and returns the line that ends at `line_end`.
    [[nodiscard]] std::string take(std::size_t line_end);

    std::size_t limit_;
    std::string pending_;
    std::size_t searched_ = 0; ///< bytes at the front of `pending_` known to hold no LF
};

} // namespace tessera::tess
