// SPDX-License-Identifier: BSD-3-Clause
#include "servers/console/serial_line.h"

namespace tessera::console {

namespace {

constexpr std::uint8_t divisor_access = 0x80; // line control, section 8.1
constexpr std::uint8_t eight_bits = 0x03;
constexpr std::uint8_t fifos_on_and_cleared = 0x07; // FIFO control, section 8.4
constexpr std::uint8_t fifos_work = 0xc0;           // interrupt identification, section 8.5
constexpr std::uint32_t fifo_characters = 16;
constexpr std::uint8_t ready_and_request = 0x03; // modem control, section 8.7
constexpr std::uint8_t room_for_characters =
    0x20;                               // line status, section 8.3: transmitter holding register or FIFO empty
constexpr std::uint8_t all_sent = 0x40; // the shift register too

} // namespace

void SerialLine::initialise() {
    (void)wait_for(all_sent);
    write(Register::interrupt_enable, 0);
    write(Register::line_control, divisor_access);
    write(Register::data, 1); // 115200 baud
    write(Register::interrupt_enable, 0);
    write(Register::line_control, eight_bits);
    write(Register::fifo_control, fifos_on_and_cleared);
    write(Register::modem_control, ready_and_request);
    burst_ = (read(Register::fifo_control) & fifos_work) == fifos_work ? fifo_characters : 1;
    room_ = 0;
}

void SerialLine::write(std::string_view text) {
    for (const char character : text) {
        if (character == '\n') put('\r');
        put(character);
        if (stuck()) return;
    }
}

void SerialLine::put(char character) {
    if (room_ == 0 && wait_for(room_for_characters)) room_ = burst_;
    if (room_ == 0) return;
    --room_;
    write(Register::data, static_cast<std::uint8_t>(character));
}

bool SerialLine::wait_for(std::uint8_t status_bit) {
    for (std::uint32_t polls = 0; polls < patience_; ++polls) {
        if ((read(Register::line_status) & status_bit) == 0) continue;
        patience_ = patience;
        return true;
    }
    patience_ = 1;
    return false;
}

} // namespace tessera::console
