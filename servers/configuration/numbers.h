// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Numbers that configuration files write as text.

#include "servers/configuration/service_configuration.h"
#include <charconv>
#include <optional>
#include <string_view>

namespace tessera::configuration {

struct NumberRange {
    std::uint64_t first = 0;
    std::uint64_t last = 0; // inclusive
};

constexpr std::optional<std::uint64_t> hexadecimal_digits(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
    if (error != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
    return value;
}

constexpr std::optional<std::uint64_t> hexadecimal(std::string_view text) {
    if (!text.starts_with("0x")) return std::nullopt;
    return hexadecimal_digits(text.substr(2));
}

// "0x3f8-0x3ff", or one number.
constexpr std::optional<NumberRange> hexadecimal_range(std::string_view text) {
    const std::size_t dash = text.find('-');
    const auto first = hexadecimal(text.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : hexadecimal(text.substr(dash + 1));
    if (!first || !last || *last < *first) return std::nullopt;
    return NumberRange{.first = *first, .last = *last};
}

// "8086:100e".
constexpr std::optional<PciId> pci_id(std::string_view text) {
    if (text.size() != 9 || text[4] != ':') return std::nullopt;
    const auto vendor = hexadecimal_digits(text.substr(0, 4));
    const auto device = hexadecimal_digits(text.substr(5));
    if (!vendor || !device) return std::nullopt;
    return PciId{.vendor = static_cast<std::uint16_t>(*vendor), .device = static_cast<std::uint16_t>(*device)};
}

} // namespace tessera::configuration
