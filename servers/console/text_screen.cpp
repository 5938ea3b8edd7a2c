// SPDX-License-Identifier: BSD-3-Clause
#include "servers/console/text_screen.h"
#include <algorithm>

namespace tessera::console {

void TextScreen::add_line(std::string_view text, Colour colour) {
    do {
        add_row(text.substr(0, columns), colour);
        text.remove_prefix(std::min(columns, text.size()));
    } while (!text.empty());
}

void TextScreen::show() { std::ranges::copy(image_, device_.begin()); }

void TextScreen::add_row(std::string_view text, Colour colour) {
    std::shift_left(image_.begin(), image_.end(), columns);
    const auto row = std::span(image_).last(columns);
    for (std::size_t column = 0; column < columns; ++column) {
        const char character = column < text.size() ? text[column] : ' ';
        const bool printable = character >= ' ' && character <= '~';
        row[column] =
            static_cast<std::uint16_t>(static_cast<std::uint16_t>(colour) << 8 | (printable ? character : '?'));
    }
}

} // namespace tessera::console
