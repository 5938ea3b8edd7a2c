// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// A 16550 at 0x3f8: takes characters when it says so, loses them when it does not.

#include "servers/console/ports.h"
#include <stdexcept>
#include <string>

namespace tessera::console::test {

struct Crash : std::runtime_error {
    Crash() : std::runtime_error("the console dies here") {}
};

class FakeUart final : public Ports {
public:
    std::uint8_t read(IoPort port) override {
        switch (port.value) {
        case 0x3fa:
            return fifo_works && fifo_on_ ? 0xc1 : 0x01;
        case 0x3fd:
            return line_status();
        default:
            throw std::logic_error("a register that the driver has no use for");
        }
    }
    void write(IoPort port, std::uint8_t value) override {
        switch (port.value) {
        case 0x3f8:
            return divisor_ ? set_baud(value) : take(static_cast<char>(value));
        case 0x3f9:
            interrupts = value;
            return;
        case 0x3fa:
            fifo_on_ = (value & 1) != 0;
            return;
        case 0x3fb:
            divisor_ = (value & 0x80) != 0;
            return;
        case 0x3fc:
            return;
        default:
            throw std::logic_error("a register that the driver has no use for");
        }
    }

    std::string sent;
    std::size_t overruns = 0;
    std::uint32_t polls = 0;
    std::uint32_t polls_until_empty = 3; // reads of the status until what it has is sent
    bool stuck = false;
    bool fifo_works = true;
    int divisor = 0;
    std::uint8_t interrupts = 0xff;
    std::size_t crash_after = std::string::npos; // characters

private:
    std::uint8_t line_status() {
        ++polls;
        if (stuck) return 0;
        if (held_ != 0 && ++wait_ >= polls_until_empty) held_ = 0;
        return held_ == 0 ? 0x60 : 0;
    }
    void set_baud(std::uint8_t value) { divisor = value; }
    void take(char character) {
        const std::size_t room = fifo_works && fifo_on_ ? 16 : 1;
        if (stuck || held_ == room) {
            ++overruns;
            return;
        }
        if (sent.size() == crash_after) throw Crash();
        ++held_;
        wait_ = 0;
        sent += character;
    }

    bool divisor_ = false;
    bool fifo_on_ = false;
    std::size_t held_ = 0;
    std::uint32_t wait_ = 0;
};

} // namespace tessera::console::test
