// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Cuts what a program writes to its standard output into lines for the log. No heap: malloc's own messages come here.

#include "kernel/abi/counters.h"
#include <array>
#include <cstddef>
#include <string_view>

namespace tessera::libc {

class OutputLines {
public:
    // Calls sink(line) for every line that is complete, or longer than a log record.
    template <class Sink> void write(std::string_view text, Sink&& sink) {
        for (const char character : text) {
            if (character == '\n') {
                sink(std::string_view(buffer_.data(), length_));
                length_ = 0;
                continue;
            }
            if (length_ == buffer_.size()) flush(sink);
            buffer_[length_++] = character;
        }
    }

    // What has no line end yet.
    template <class Sink> void flush(Sink&& sink) {
        if (length_ != 0) sink(std::string_view(buffer_.data(), length_));
        length_ = 0;
    }

private:
    std::array<char, log_text_limit> buffer_{};
    std::size_t length_ = 0;
};

} // namespace tessera::libc
