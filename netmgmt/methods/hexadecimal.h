// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Bytes as text: two lower-case digits each.

#include <charconv>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tessera::netmgmt {

[[nodiscard]] inline std::string hexadecimal_of(std::span<const std::byte> bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(2 * bytes.size());
    for (const std::byte byte : bytes) {
        text += digits[std::to_integer<unsigned>(byte >> 4)];
        text += digits[std::to_integer<unsigned>(byte & std::byte{0xf})];
    }
    return text;
}

/// Digits of either case; nothing for any other text.
[[nodiscard]] inline std::optional<std::vector<std::byte>> bytes_of_hexadecimal(std::string_view text) {
    if (text.size() % 2 != 0) return std::nullopt;
    std::vector<std::byte> bytes;
    bytes.reserve(text.size() / 2);
    for (; !text.empty(); text.remove_prefix(2)) {
        unsigned value = 0;
        const auto parsed = std::from_chars(text.data(), text.data() + 2, value, 16);
        if (parsed.ec != std::errc{} || parsed.ptr != text.data() + 2) return std::nullopt;
        bytes.push_back(static_cast<std::byte>(value));
    }
    return bytes;
}

} // namespace tessera::netmgmt
