// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// A log record as a line for people: "[   1.234567] source: text".

#include "kernel/abi/counters.h"
#include <array>
#include <string_view>

namespace tessera::console {

class Line {
public:
    Line(const LogRecord& record, std::string_view source);
    std::string_view text() const { return {characters_.data(), length_}; }

private:
    std::array<char, log_text_limit + 64> characters_;
    std::size_t length_ = 0;
};

} // namespace tessera::console
