// SPDX-License-Identifier: BSD-3-Clause
#include "tools/tess-cli/output/printable.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <format>
#include <optional>

namespace tessera::tess {

namespace {

struct Character {
    char32_t code;
    std::size_t bytes;
};

bool is_continuation(char byte) { return (static_cast<std::uint8_t>(byte) & 0xc0) == 0x80; }

/// Decodes the first character; nothing when the bytes are not UTF-8 (The Unicode Standard, table 3-7).
std::optional<Character> first_character(std::string_view text) {
    const auto lead = static_cast<std::uint8_t>(text.front());
    if (lead < 0x80) return Character{lead, 1};
    const std::size_t bytes = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || text.size() < bytes) return std::nullopt;
    char32_t code = lead & (0xffu >> (bytes + 1));
    for (const char byte : text.substr(1, bytes - 1)) {
        if (!is_continuation(byte)) return std::nullopt;
        code = code << 6 | (static_cast<std::uint8_t>(byte) & 0x3fu);
    }
    constexpr std::array<char32_t, 5> smallest{0, 0, 0x80, 0x800, 0x10000};
    const bool is_surrogate = code >= 0xd800 && code <= 0xdfff;
    if (code < smallest[bytes] || is_surrogate || code > 0x10ffff) return std::nullopt;
    return Character{code, bytes};
}

struct Range {
    char32_t first;
    char32_t last;
};

/// Characters that act on the terminal or on the order of the text instead of being seen.
constexpr std::array acting{
    Range{0x00, 0x1f},       // C0 controls
    Range{0x7f, 0x9f},       // DEL and C1 controls
    Range{0xad, 0xad},       // soft hyphen
    Range{0x61c, 0x61c},     // Arabic letter mark
    Range{0x200b, 0x200f},   // zero width, direction marks
    Range{0x2028, 0x202e},   // separators, direction embeddings and overrides
    Range{0x2060, 0x206f},   // invisible operators, direction isolates
    Range{0xfeff, 0xfeff},   // byte-order mark
    Range{0xfff9, 0xfffb},   // annotation controls
    Range{0xe0000, 0xe0fff}, // tags, variation selectors
};

bool acts(char32_t code) {
    for (const Range& range : acting) {
        if (code >= range.first && code <= range.last) return true;
    }
    return false;
}

enum class LineFeeds { keep, escape };

std::string made_printable(std::string_view text, LineFeeds line_feeds) {
    std::string result;
    result.reserve(text.size());
    while (!text.empty()) {
        const auto character = first_character(text);
        const std::size_t bytes = character ? character->bytes : 1;
        if (!character) {
            result += std::format("\\x{:02x}", static_cast<std::uint8_t>(text.front()));
        } else if (character->code == U'\n' && line_feeds == LineFeeds::keep) {
            result += '\n';
        } else if (acts(character->code)) {
            const auto code = static_cast<std::uint32_t>(character->code);
            result += code < 0x80 ? std::format("\\x{:02x}", code) : std::format("\\u{:04x}", code);
        } else {
            result += text.substr(0, bytes);
        }
        text.remove_prefix(bytes);
    }
    return result;
}

} // namespace

std::string printable(std::string_view text) { return made_printable(text, LineFeeds::escape); }

std::string printable_lines(std::string_view text) { return made_printable(text, LineFeeds::keep); }

std::string wrapped(std::string_view text) {
    constexpr std::size_t longest_line = 110;
    std::string result;
    std::size_t column = 0;
    for (std::size_t start = 0; start < text.size();) {
        const auto end = std::min(text.find_first_of(" \n", start), text.size());
        const auto word = text.substr(start, end - start);
        if (column != 0 && column + 1 + display_width(word) > longest_line) {
            result += '\n';
            column = 0;
        } else if (column != 0) {
            result += ' ';
            ++column;
        }
        result += word;
        column += display_width(word);
        if (end < text.size() && text[end] == '\n') {
            result += '\n';
            column = 0;
        }
        start = end + 1;
    }
    if (!result.empty()) result += '\n';
    return result;
}

std::size_t display_width(std::string_view text) {
    std::size_t width = 0;
    for (const char byte : text) {
        if (!is_continuation(byte)) ++width;
    }
    return width;
}

} // namespace tessera::tess
