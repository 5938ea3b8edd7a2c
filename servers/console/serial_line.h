// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// A 16550 UART as an output, polled. Sections are of National Semiconductor's PC16550D data sheet.

#include "servers/console/ports.h"
#include <string_view>

namespace tessera::console {

class SerialLine {
public:
    // Polls for an empty transmitter before a line is taken for stuck: far more than 16 characters take at 115200 baud.
    static constexpr std::uint32_t patience = 100'000;

    explicit SerialLine(Ports& ports, IoPort base) : ports_(ports), base_(base) {}

    // 115200 baud, 8 bits, no parity, one stop bit, no interrupts. What is on its way is sent first.
    void initialise();

    // '\n' becomes "\r\n". On a stuck line the rest of the text is dropped, and the next text is tried with one poll.
    void write(std::string_view text);

    bool stuck() const { return patience_ != patience; }

private:
    enum class Register : std::uint16_t { // section 8, table II; the first two are the divisor while divisor_access is
                                          // set
        data = 0,
        interrupt_enable = 1,
        fifo_control = 2, // when written; when read: interrupt identification
        line_control = 3,
        modem_control = 4,
        line_status = 5,
    };

    bool wait_for(std::uint8_t status_bit);
    void put(char character);
    std::uint8_t read(Register which) { return ports_.read(port(which)); }
    void write(Register which, std::uint8_t value) { ports_.write(port(which), value); }
    IoPort port(Register which) const {
        return {static_cast<std::uint16_t>(base_.value + static_cast<std::uint16_t>(which))};
    }

    Ports& ports_;
    IoPort base_;
    std::uint32_t burst_ = 1; // characters that an empty transmitter takes
    std::uint32_t room_ = 0;  // of them, how many it takes still
    std::uint32_t patience_ = patience;
};

} // namespace tessera::console
