// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/arch/x86_64/console.h"
#include "kernel/arch/contract/machine.h"
#include "kernel/arch/x86_64/address_space.h"
#include "kernel/arch/x86_64/memory_map.h"
#include "kernel/arch/x86_64/registers.h"

namespace tessera::kernel {

namespace {

using namespace x86_64;

// 16550 UART, National Semiconductor PC16550D data sheet, section 8.
namespace uart {
constexpr std::uint16_t data = 0x3f8, interrupt_enable = 0x3f9, fifo_control = 0x3fa, line_control = 0x3fb,
                        modem_control = 0x3fc, line_status = 0x3fd;
constexpr std::uint8_t divisor_access = 0x80, eight_bits = 0x03, fifo_on = 0x07, ready_and_request = 0x03,
                       transmit_empty = 0x20;
} // namespace uart

constexpr std::uint32_t transmit_patience = 100'000; // polls until a dead line is given up

struct Screen {
    volatile std::uint16_t* cells = nullptr;
    std::uint32_t width = 0, height = 0, column = 0, row = 0;
};
constinit Screen screen; // the machine has one

void scroll() {
    for (std::uint32_t i = 0; i + screen.width < screen.width * screen.height; ++i)
        screen.cells[i] = screen.cells[i + screen.width];
    for (std::uint32_t i = 0; i < screen.width; ++i) screen.cells[(screen.height - 1) * screen.width + i] = 0x0720;
    screen.row = screen.height - 1;
}

void serial_put(char character) {
    for (std::uint32_t i = 0; i < transmit_patience && (in8(uart::line_status) & uart::transmit_empty) == 0; ++i) {
    }
    out8(uart::data, static_cast<std::uint8_t>(character));
}

} // namespace

namespace x86_64 {

void initialise_serial() {
    out8(uart::interrupt_enable, 0);
    out8(uart::line_control, uart::divisor_access);
    out8(uart::data, 1); // 115200 baud
    out8(uart::interrupt_enable, 0);
    out8(uart::line_control, uart::eight_bits);
    out8(uart::fifo_control, uart::fifo_on);
    out8(uart::modem_control, uart::ready_and_request);
}

void initialise_screen(const TextScreen& description) {
    constexpr std::uint32_t text_cell_bits = 16;
    if (description.bits_per_cell != text_cell_bits || !description.base.page_aligned()) return;
    if (std::uint64_t{description.width} * description.height * 2 > page_bytes) return;
    map_fixed(FixedPage::text_screen, description.base, FixedAccess::read_write);
    screen = {reinterpret_cast<volatile std::uint16_t*>(fixed_address(FixedPage::text_screen)), description.width,
              description.height, 0, 0};
    for (std::uint32_t i = 0; i < screen.width * screen.height; ++i) screen.cells[i] = 0x0720;
}

void screen_write(std::string_view text) {
    if (screen.cells == nullptr) return;
    for (const char character : text) {
        if (character == '\n' || screen.column == screen.width) {
            screen.column = 0;
            if (++screen.row == screen.height) scroll();
        }
        if (character == '\n') continue;
        screen.cells[screen.row * screen.width + screen.column++] =
            static_cast<std::uint16_t>(0x0700 | static_cast<unsigned char>(character));
    }
}

} // namespace x86_64

void arch::console_write(std::string_view text) {
    for (const char character : text) {
        if (character == '\n') serial_put('\r');
        serial_put(character);
    }
    screen_write(text);
}

} // namespace tessera::kernel
