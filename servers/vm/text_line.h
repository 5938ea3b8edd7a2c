// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// One line of text for the log, built in place; what does not fit is cut.

#include "kernel/abi/counters.h"
#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

namespace tessera::vm {

class TextLine {
public:
    TextLine& operator<<(std::string_view text) {
        const std::size_t length = std::min(text.size(), text_.size() - used_);
        std::copy_n(text.data(), length, text_.data() + used_);
        used_ += length;
        return *this;
    }
    TextLine& operator<<(std::uint64_t number) {
        std::array<char, 20> digits;
        const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
        return *this << std::string_view(digits.data(), static_cast<std::size_t>(end - digits.data()));
    }
    std::string_view view() const { return {text_.data(), used_}; }

private:
    std::array<char, log_text_limit> text_;
    std::size_t used_ = 0;
};

} // namespace tessera::vm
