// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// One line of text for the log, built in place; what does not fit is cut.

#include "kernel/abi/counters.h"
#include <algorithm>
#include <array>
#include <charconv>
#include <concepts>
#include <source_location>
#include <string_view>

namespace tessera::vm {

struct Hexadecimal {
    std::uint64_t value;
};

class TextLine {
public:
    TextLine& operator<<(std::string_view text) {
        const std::size_t length = std::min(text.size(), text_.size() - used_);
        std::copy_n(text.data(), length, text_.data() + used_);
        used_ += length;
        return *this;
    }
    TextLine& operator<<(std::unsigned_integral auto number) {
        std::array<char, 20> digits;
        const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
        return *this << std::string_view(digits.data(), static_cast<std::size_t>(end - digits.data()));
    }
    TextLine& operator<<(char character) { return *this << std::string_view(&character, 1); }
    TextLine& operator<<(Hexadecimal number) {
        std::array<char, 16> digits;
        const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number.value, 16).ptr;
        return *this << "0x" << std::string_view(digits.data(), static_cast<std::size_t>(end - digits.data()));
    }
    // FILE:LINE without the folder.
    TextLine& operator<<(const std::source_location& place) {
        const std::string_view path = place.file_name();
        return *this << path.substr(path.rfind('/') + 1) << ':' << place.line();
    }
    std::string_view view() const { return {text_.data(), used_}; }

private:
    std::array<char, log_text_limit> text_;
    std::size_t used_ = 0;
};

} // namespace tessera::vm
