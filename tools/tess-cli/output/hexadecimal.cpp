// SPDX-License-Identifier: BSD-3-Clause
#include "tools/tess-cli/output/hexadecimal.h"

#include <charconv>
#include <format>

namespace tessera::tess {

namespace {

constexpr std::size_t line_bytes = 16;

std::string dump_line(std::string_view bytes, std::uint64_t offset) {
    std::string digits, characters;
    for (std::size_t i = 0; i < line_bytes; ++i) {
        if (i == line_bytes / 2) digits += ' ';
        digits += i < bytes.size() ? std::format(" {:02x}", static_cast<unsigned char>(bytes[i])) : "   ";
    }
    for (const char character : bytes) characters += character >= ' ' && character <= '~' ? character : '.';
    return std::format("{:08x} {}  |{}|\n", offset, digits, characters);
}

} // namespace

std::optional<std::string> bytes_of_hexadecimal(std::string_view digits) {
    if (digits.size() % 2 != 0) return std::nullopt;
    std::string bytes;
    for (; !digits.empty(); digits.remove_prefix(2)) {
        unsigned value = 0;
        const auto parsed = std::from_chars(digits.data(), digits.data() + 2, value, 16);
        if (parsed.ec != std::errc{} || parsed.ptr != digits.data() + 2) return std::nullopt;
        bytes += static_cast<char>(value);
    }
    return bytes;
}

std::string hexadecimal_dump(std::string_view bytes, std::uint64_t offset) {
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); i += line_bytes)
        text += dump_line(bytes.substr(i, line_bytes), offset + i);
    return text;
}

} // namespace tessera::tess
