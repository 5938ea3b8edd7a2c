// SPDX-License-Identifier: BSD-3-Clause
#include "tools/tess-cli/client/line_reader.h"

#include <array>
#include <format>

namespace tessera::tess {

Result<std::string> LineReader::next(ByteStream& stream, Instant deadline) {
    std::array<char, 16 * 1024> chunk{};
    for (;;) {
        const auto line_end = pending_.find('\n', searched_);
        if (line_end != std::string::npos && line_end <= limit_) return take(line_end);
        searched_ = pending_.size();
        if (searched_ > limit_) return malformed(std::format("a line longer than {} bytes", limit_));

        const auto received = stream.read(chunk, deadline);
        if (!received) return Failed{received.error()};
        if (*received == 0) {
            if (pending_.empty()) return no_connection("the system closed the connection");
            return no_connection("the system closed the connection in the middle of a line");
        }
        pending_.append(chunk.data(), *received);
        // A peer that trickles bytes is cut off by the deadline, though every single read succeeds.
        if (std::chrono::steady_clock::now() >= deadline && !pending_.contains('\n')) {
            return timed_out("the answer did not arrive whole in time");
        }
    }
}

std::string LineReader::take(std::size_t line_end) {
    std::string line = pending_.substr(0, line_end);
    pending_.erase(0, line_end + 1);
    searched_ = 0;
    if (line.ends_with('\r')) line.pop_back();
    return line;
}

} // namespace tessera::tess
