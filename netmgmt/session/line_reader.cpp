// SPDX-License-Identifier: BSD-3-Clause
#include "netmgmt/session/line_reader.h"

#include <algorithm>
#include <cstring>

namespace tessera::netmgmt {

std::size_t LineReader::fill(ByteStream& stream) {
    std::size_t total = 0;
    for (;;) {
        find_lines(stream.state());
        if (count_ == lines_.size()) return total;
        make_room();
        std::span<char> free(buffer_.get() + end_, limits::input_buffer_bytes - end_);
        const std::size_t bytes = free.empty() ? 0 : stream.read(free);
        if (bytes == 0) break;
        end_ += bytes;
        total += bytes;
    }
    // The last read may have shown that the peer has finished.
    find_lines(stream.state());
    return total;
}

std::string_view LineReader::text(std::size_t index) const {
    return {buffer_.get() + lines_[index].offset, lines_[index].bytes};
}

void LineReader::remove(std::size_t index) {
    std::ranges::move(lines_.begin() + index + 1, lines_.begin() + count_, lines_.begin() + index);
    --count_;
}

void LineReader::find_lines(StreamState state) {
    while (count_ < lines_.size() && find_line()) {
    }
    const bool unfinished = state == StreamState::peer_finished && begin_ < end_;
    if (unfinished && count_ < lines_.size()) {
        push(LineKind::unfinished, 0);
        begin_ = scanned_ = end_;
    }
}

/// Frames one line or skips a piece of an over-long one; false when there is nothing to do before more bytes come.
bool LineReader::find_line() {
    if (scanned_ == end_) return false;
    const char* start = buffer_.get() + scanned_;
    const auto* feed = static_cast<const char*>(std::memchr(start, '\n', end_ - scanned_));
    scanned_ = feed == nullptr ? end_ : static_cast<std::size_t>(feed - buffer_.get()) + 1;

    std::size_t bytes = scanned_ - begin_ - (feed == nullptr ? 0 : 1);
    const bool has_return = bytes > 0 && buffer_[begin_ + bytes - 1] == '\r';
    if (has_return) --bytes; // before the LF has come, it may still turn out to be the last byte before it
    const bool too_long = bytes > limits::line_bytes;

    if (too_long && !skipping_) push(LineKind::over_long, 0);
    if (feed == nullptr) {
        skipping_ = skipping_ || too_long;
        if (skipping_) begin_ = scanned_;
        return false;
    }
    if (!skipping_ && !too_long) push(LineKind::complete, bytes);
    skipping_ = false;
    begin_ = scanned_;
    return true;
}

void LineReader::push(LineKind kind, std::size_t bytes) {
    lines_[count_++] = {begin_, bytes, kind, false};
    ++completed_;
    if (kind == LineKind::over_long) ++over_long_;
}

/// Moves what is still needed to the front once the buffer's end is reached.
void LineReader::make_room() {
    const std::span waiting(lines_.data(), count_);
    std::size_t needed = begin_;
    for (const auto& line : waiting) {
        if (line.kind == LineKind::complete) needed = std::min(needed, line.offset);
    }
    const bool worth_it = needed == end_ || end_ == limits::input_buffer_bytes;
    if (needed == 0 || !worth_it) return;
    std::memmove(buffer_.get(), buffer_.get() + needed, end_ - needed);
    for (auto& line : waiting) line.offset -= std::min(line.offset, needed);
    begin_ -= needed;
    scanned_ -= needed;
    end_ -= needed;
}

} // namespace tessera::netmgmt
