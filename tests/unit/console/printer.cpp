// SPDX-License-Identifier: BSD-3-Clause
#include "servers/console/printer.h"
#include "tests/unit/console/fake_uart.h"
#include <catch2/catch.hpp>
#include <deque>
#include <format>
#include <map>
#include <optional>

using namespace tessera;
using namespace tessera::console;
using test::Crash;
using test::FakeUart;

namespace {

class FakeLog final : public Log {
public:
    Result<LogRecord> read(std::uint64_t sequence) override {
        for (const LogRecord& record : records)
            if (record.sequence >= sequence) return record;
        return Status::no_entry;
    }
    void append(std::string_view text, Endpoint source = endpoints::kernel, bool printed = false) {
        LogRecord record{.sequence = ++last, .time = {last * 1'500'000'000}, .source = source};
        record.length = static_cast<std::uint8_t>(text.size());
        record.printed = printed ? 1 : 0;
        std::copy(text.begin(), text.end(), record.text.begin());
        records.push_back(record);
    }

    std::deque<LogRecord> records;
    std::uint64_t last = 0;
};

class FakeProcesses final : public Processes {
public:
    std::optional<Name> name_of(Endpoint process) override {
        const auto found = names.find(process);
        return found != names.end() ? std::optional(found->second) : std::nullopt;
    }
    std::map<Endpoint, Name> names;
};

struct Machine {
    // A new incarnation of the console.
    Printer& start(TextScreen* screen = nullptr) {
        names.emplace(processes);
        line.emplace(uart, IoPort{0x3f8});
        line->initialise();
        printer.emplace(log, *names, *line, screen, progress);
        printer->resume();
        return *printer;
    }

    FakeUart uart;
    FakeLog log;
    FakeProcesses processes;
    Progress progress;
    std::optional<SourceNames> names;
    std::optional<SerialLine> line;
    std::optional<Printer> printer;
};

} // namespace

TEST_CASE_METHOD(Machine, "lines bear the time and the name of their source") {
    const Endpoint ds{7, 3};
    processes.names[ds] = Name("ds");
    log.append("started");
    log.append("ready", ds);
    start().print(100);
    CHECK(uart.sent == "[   1.500000] kernel: started\r\n[   3.000000] ds: ready\r\n");
}

TEST_CASE_METHOD(Machine, "the last words of a process that is gone bear its name, a stranger's its number") {
    const Endpoint ds{7, 3};
    processes.names[ds] = Name("ds");
    log.append("a", ds);
    start().print(100);
    processes.names.clear();
    log.append("b", ds);
    log.append("c", Endpoint(7, 4));
    log.append("d", Endpoint(4000, 1));
    printer->print(100);
    CHECK(uart.sent ==
          "[   1.500000] ds: a\r\n[   3.000000] ds: b\r\n[   4.500000] 7.4: c\r\n[   6.000000] 4000.1: d\r\n");
}

TEST_CASE_METHOD(Machine, "the longest line fits") {
    log.append(std::string(log_text_limit, 'x'));
    start().print(1);
    CHECK(uart.sent == "[   1.500000] kernel: " + std::string(log_text_limit, 'x') + "\r\n");
}

TEST_CASE_METHOD(Machine, "a backlog is printed in pieces") {
    for (int i = 0; i < 10; ++i) log.append("x");
    CHECK(start().print(4) == Backlog::more);
    CHECK(printer->print(4) == Backlog::more);
    CHECK(printer->print(4) == Backlog::none);
    CHECK(std::ranges::count(uart.sent, '\n') == 10);
    CHECK(printer->print(4) == Backlog::none);
    CHECK(std::ranges::count(uart.sent, '\n') == 10);
}

TEST_CASE_METHOD(Machine, "what the kernel printed is not printed again") {
    log.append("early", endpoints::kernel, true);
    log.append("late");
    start().print(100);
    CHECK(uart.sent == "[   3.000000] kernel: late\r\n");
}

TEST_CASE_METHOD(Machine, "lines that were overwritten are counted in a line of their own") {
    log.append("first");
    start().print(100);
    for (int i = 0; i < 5; ++i) log.append("x");
    log.records.erase(log.records.begin(), log.records.begin() + 4);
    uart.sent.clear();
    printer->print(100);
    CHECK(uart.sent == "[   7.500000] kernel: 3 lines of the log were lost\r\n[   7.500000] kernel: x\r\n"
                       "[   9.000000] kernel: x\r\n");
    CHECK(printer->lost() == 3);
}

TEST_CASE_METHOD(Machine, "damaged progress costs repetition, not silence") {
    log.append("first");
    progress = {.begun = 1ull << 60, .finished = 1ull << 60};
    start().print(100);
    CHECK(uart.sent.ends_with("kernel: first\r\n"));
}

TEST_CASE("a console that crashes at any character leaves no gap and repeats only the line that it was at") {
    constexpr int lines = 5;
    std::string whole;
    for (std::size_t crash = 0; crash <= lines * 30; ++crash) {
        Machine machine;
        for (int i = 0; i < lines; ++i) machine.log.append(std::format("line {}", i));
        machine.uart.crash_after = crash;
        bool crashed = false;
        try {
            machine.start().print(100);
        } catch (const Crash&) {
            crashed = true;
        }
        machine.uart.crash_after = std::string::npos;
        if (crashed) machine.start().print(100);
        if (!crashed) whole = machine.uart.sent;
        std::size_t place = 0;
        int repeated = 0;
        for (int i = 0; i < lines; ++i) {
            const std::string text = std::format("kernel: line {}\r\n", i);
            place = machine.uart.sent.find(text, place);
            REQUIRE(place != std::string::npos); // every line, whole and in order
            if (machine.uart.sent.find(text, place + 1) != std::string::npos) ++repeated;
        }
        REQUIRE(repeated <= (crashed ? 1 : 0));
    }
    CHECK(!whole.empty());
}

TEST_CASE_METHOD(Machine, "the screen shows what the line sends") {
    std::array<std::uint16_t, TextScreen::cells> cells{};
    TextScreen screen{std::span<volatile std::uint16_t>(cells)};
    log.append("seen");
    start(&screen).print(100);
    std::string row;
    for (std::size_t i = TextScreen::cells - TextScreen::columns; i < TextScreen::cells; ++i)
        row += static_cast<char>(cells[i]);
    CHECK(row.starts_with("[   1.500000] kernel: seen "));
}
