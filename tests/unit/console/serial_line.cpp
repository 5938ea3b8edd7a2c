// SPDX-License-Identifier: BSD-3-Clause
#include "servers/console/serial_line.h"
#include "tests/unit/console/fake_uart.h"
#include <catch2/catch.hpp>

using namespace tessera;
using console::SerialLine;
using console::test::FakeUart;

namespace {

const std::string long_text(1000, 'x');

}

TEST_CASE("the line is set to 115200 baud without interrupts") {
    FakeUart uart;
    SerialLine line(uart, {0x3f8});
    line.initialise();
    CHECK(uart.divisor == 1);
    CHECK(uart.interrupts == 0);
    CHECK(uart.sent.empty());
}

TEST_CASE("every character arrives, a line end as two") {
    for (const bool fifo : {true, false}) {
        FakeUart uart;
        uart.fifo_works = fifo;
        SerialLine line(uart, {0x3f8});
        line.initialise();
        line.write(long_text);
        line.write("\nend\n");
        CHECK(uart.sent == long_text + "\r\nend\r\n");
        CHECK(uart.overruns == 0);
    }
}

TEST_CASE("the FIFO is used: one wait for sixteen characters") {
    FakeUart uart;
    SerialLine line(uart, {0x3f8});
    line.initialise();
    uart.polls = 0;
    line.write(long_text);
    CHECK(uart.polls <= (1000 / 16 + 1) * uart.polls_until_empty);
}

TEST_CASE("a stuck line costs a bounded time once, then next to nothing, and works again when it can") {
    FakeUart uart;
    SerialLine line(uart, {0x3f8});
    line.initialise();
    uart.stuck = true;
    uart.polls = 0;
    line.write(long_text);
    CHECK(line.stuck());
    CHECK(uart.polls <= SerialLine::patience + 1);
    uart.polls = 0;
    for (int i = 0; i < 10; ++i) line.write(long_text);
    CHECK(uart.polls == 10);
    uart.stuck = false;
    line.write("again");
    CHECK(!line.stuck());
    CHECK(uart.sent == "again");
    CHECK(uart.overruns == 0);
}
