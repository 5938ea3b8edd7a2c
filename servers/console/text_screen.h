// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The VGA text screen as a scroll of lines: every line comes in at the bottom. So nothing has to be remembered over a
// restart but what is on the screen. Cells are composed in memory, device memory is only written.

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace tessera::console {

// Attribute byte of a cell: IBM VGA, colour text modes; the high byte of each cell.
enum class Colour : std::uint8_t { grey = 0x07, yellow = 0x0e, red = 0x0c, dark = 0x08 };

class TextScreen {
public:
    static constexpr std::size_t columns = 80;
    static constexpr std::size_t rows = 25;
    static constexpr std::size_t cells = columns * rows;

    // `device` has `cells` cells: character, attribute. What it shows stays.
    explicit TextScreen(std::span<volatile std::uint16_t> device)
        : device_(device),
          image_(device.begin(), device.end()) {}

    // Takes as many rows as it needs; bytes that are not printable ASCII become '?'. Seen after `show`.
    void add_line(std::string_view text, Colour colour);
    void show();

private:
    void add_row(std::string_view text, Colour colour);

    std::span<volatile std::uint16_t> device_;
    std::vector<std::uint16_t> image_;
};

} // namespace tessera::console
