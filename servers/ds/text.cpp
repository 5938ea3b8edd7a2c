// SPDX-License-Identifier: BSD-3-Clause
// UTF-8 as in RFC 3629: shortest forms only, no surrogates, nothing above U+10FFFF.

#include "servers/ds/text.h"
#include "servers/protocols/ds.h"
#include <cstdint>
#include <optional>

namespace tessera::ds {

namespace {

// The shape of a character by its first byte: how many bytes follow, and the least code point that needs so many.
struct Shape {
    std::size_t following;
    char32_t first_bits;
    char32_t least;
};

std::optional<Shape> shape_of(unsigned char first) {
    if (first < 0x80) return Shape{.following = 0, .first_bits = first, .least = 0};
    if (first >= 0xc2 && first < 0xe0) return Shape{.following = 1, .first_bits = first & 0x1fu, .least = 0x80};
    if (first >= 0xe0 && first < 0xf0) return Shape{.following = 2, .first_bits = first & 0x0fu, .least = 0x800};
    if (first >= 0xf0 && first < 0xf5) return Shape{.following = 3, .first_bits = first & 0x07u, .least = 0x1'0000};
    return std::nullopt;
}

// Takes the first character off the text; nothing when it is malformed.
std::optional<char32_t> take_character(std::string_view& text) {
    const auto shape = shape_of(static_cast<unsigned char>(text.front()));
    if (!shape || text.size() <= shape->following) return std::nullopt;
    char32_t character = shape->first_bits;
    for (std::size_t i = 1; i <= shape->following; ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if ((byte & 0xc0) != 0x80) return std::nullopt;
        character = character << 6 | (byte & 0x3fu);
    }
    const bool surrogate = character >= 0xd800 && character < 0xe000;
    if (character < shape->least || surrogate || character > 0x10'ffff) return std::nullopt;
    text.remove_prefix(1 + shape->following);
    return character;
}

bool is_control(char32_t character) { return character < 0x20 || (character >= 0x7f && character < 0xa0); }

template <class Predicate> bool all_characters(std::string_view text, Predicate acceptable) {
    while (!text.empty()) {
        const auto character = take_character(text);
        if (!character || !acceptable(*character)) return false;
    }
    return true;
}

} // namespace

bool valid_key(std::string_view text) {
    return !text.empty() && text.size() < protocol::ds::key_limit &&
           all_characters(text, [](char32_t character) { return !is_control(character); });
}

bool valid_string(std::string_view text) {
    return text.size() <= protocol::ds::string_limit &&
           all_characters(text, [](char32_t character) { return character != 0; });
}

} // namespace tessera::ds
