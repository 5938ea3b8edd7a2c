// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Bytes to lines. Holds the lines that wait and the begin of the next one in one buffer of fixed size; when that or the
// number of lines is full, it reads no further and so holds the peer back.

#include "netmgmt/limits.h"
#include "netmgmt/session/byte_stream.h"

#include <array>
#include <memory>
#include <utility>

namespace tessera::netmgmt {

enum class LineKind : std::uint8_t {
    complete,
    over_long,  ///< was skipped up to its LF
    unfinished, ///< the peer finished without an LF
};

class LineReader {
public:
    LineReader() : buffer_(std::make_unique_for_overwrite<char[]>(limits::input_buffer_bytes)) {}

    /// Reads as long as there is something to read and room for it. Gives how many bytes came.
    std::size_t fill(ByteStream& stream);

    [[nodiscard]] std::size_t waiting() const { return count_; }
    [[nodiscard]] LineKind kind(std::size_t index) const { return lines_[index].kind; }
    /// Without its LF or CR LF; empty unless complete.
    [[nodiscard]] std::string_view text(std::size_t index) const;
    void remove(std::size_t index);

    /// Tells once for every line, so that nobody looks at a waiting line twice.
    [[nodiscard]] bool first_look(std::size_t index) { return !std::exchange(lines_[index].seen, true); }

    /// Lines that were completed since the connection began.
    [[nodiscard]] std::uint64_t completed() const { return completed_; }
    [[nodiscard]] std::uint64_t over_long() const { return over_long_; }

    /// Whether nothing was read that is still of use.
    [[nodiscard]] bool empty() const { return count_ == 0 && begin_ == end_; }

    /// Whether the end of a line is all that is waited for.
    [[nodiscard]] bool mid_line() const { return count_ == 0 && (skipping_ || begin_ < end_); }

private:
    struct Line {
        std::size_t offset;
        std::size_t bytes;
        LineKind kind;
        bool seen;
    };

    void find_lines(StreamState state);
    bool find_line();
    void push(LineKind kind, std::size_t bytes);
    void make_room();

    std::unique_ptr<char[]> buffer_;
    std::array<Line, limits::requests_in_flight> lines_{};
    std::size_t count_ = 0;
    std::size_t begin_ = 0;   ///< of the line that is not complete yet
    std::size_t scanned_ = 0; ///< no LF from begin_ up to here
    std::size_t end_ = 0;     ///< of what was read
    bool skipping_ = false;
    std::uint64_t completed_ = 0;
    std::uint64_t over_long_ = 0;
};

} // namespace tessera::netmgmt
