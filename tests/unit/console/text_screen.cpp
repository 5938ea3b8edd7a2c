// SPDX-License-Identifier: BSD-3-Clause
#include "servers/console/text_screen.h"
#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <string>

using namespace tessera;
using console::Colour;
using console::TextScreen;

namespace {

struct Device {
    Device() { cells.fill(0x0720); }
    std::string row(std::size_t index) const {
        std::string text;
        for (std::size_t column = 0; column < TextScreen::columns; ++column)
            text += static_cast<char>(cells[index * TextScreen::columns + column]);
        return text.substr(0, text.find_last_not_of(' ') + 1);
    }
    std::span<volatile std::uint16_t> view() { return cells; }

    std::array<std::uint16_t, TextScreen::cells> cells{};
};

} // namespace

TEST_CASE("lines come in at the bottom and go out at the top") {
    Device device;
    TextScreen screen(device.view());
    for (int i = 0; i < 30; ++i) screen.add_line("line " + std::to_string(i), Colour::grey);
    CHECK(device.row(24).empty()); // nothing is shown before show()
    screen.show();
    CHECK(device.row(24) == "line 29");
    CHECK(device.row(0) == "line 5");
}

TEST_CASE("a successor keeps what is on the screen") {
    Device device;
    TextScreen(device.view()).show();
    TextScreen first(device.view());
    first.add_line("before", Colour::grey);
    first.show();
    TextScreen second(device.view());
    second.add_line("after", Colour::grey);
    second.show();
    CHECK(device.row(23) == "before");
    CHECK(device.row(24) == "after");
}

TEST_CASE("long lines wrap, empty ones take a row, bytes that cannot be shown are replaced") {
    Device device;
    TextScreen screen(device.view());
    screen.add_line(std::string(80, 'a') + std::string(80, 'b') + "c", Colour::grey);
    screen.add_line("", Colour::grey);
    screen.add_line("\x1b[2J\xc3\xa9", Colour::grey);
    screen.show();
    CHECK(device.row(20) == std::string(80, 'a'));
    CHECK(device.row(21) == std::string(80, 'b'));
    CHECK(device.row(22) == "c");
    CHECK(device.row(23).empty());
    CHECK(device.row(24) == "?[2J??");
}

TEST_CASE("colour is in the high byte") {
    Device device;
    TextScreen screen(device.view());
    screen.add_line("x", Colour::red);
    screen.show();
    CHECK(device.cells[24 * TextScreen::columns] == 0x0c78);
}
