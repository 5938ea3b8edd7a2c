// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Bounded text for the kernel's own lines: what does not fit is cut. Lines are rare and long: the parts that write are
// not inlined, which halves the code that makes lines.

#include "kernel/abi/strong.h"
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tessera::kernel {

struct Hexadecimal {
    std::uint64_t value;
};

template <std::size_t Capacity> class Text {
public:
    [[gnu::noinline]] Text& operator<<(std::string_view text) {
        for (const char character : text) put(character);
        return *this;
    }
    Text& operator<<(char character) {
        put(character);
        return *this;
    }
    template <std::unsigned_integral Number> Text& operator<<(Number value) { return number(value, 10); }
    Text& operator<<(Hexadecimal number_in_hex) {
        *this << "0x";
        return number(number_in_hex.value, 16);
    }
    // A number with leading zeros or blanks up to `width`.
    [[gnu::noinline]] Text& padded(std::uint64_t value, std::size_t width, char fill) {
        std::size_t digits = 1;
        for (std::uint64_t rest = value / 10; rest != 0; rest /= 10) ++digits;
        for (; digits < width; ++digits) put(fill);
        return *this << value;
    }
    std::string_view view() const { return {characters_.data(), length_}; }

private:
    void put(char character) {
        if (length_ < Capacity) characters_[length_++] = character;
    }
    [[gnu::noinline]] Text& number(std::uint64_t value, std::uint64_t base) {
        std::array<char, 20> digits{};
        std::size_t count = 0;
        do digits[count++] = "0123456789abcdef"[value % base];
        while ((value /= base) != 0);
        while (count > 0) put(digits[--count]);
        return *this;
    }

    std::array<char, Capacity> characters_{};
    std::size_t length_ = 0;
};

} // namespace tessera::kernel
