// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/core/log.h"
#include "kernel/core/death.h"
#include "tests/unit/kernel/system.h"

using namespace tessera;
using namespace tessera::kernel;

namespace {

struct LogOnMachine {
    host::Machine machine;
    std::unique_ptr<Log> log = std::make_unique<Log>();

    void append(std::string_view text, std::uint64_t time = 0) {
        log->append(Endpoint{5, 2}, "ds", LogLevel::warning, {time}, text);
    }
    std::string text_of(std::uint64_t sequence) const {
        const auto record = log->read(sequence);
        if (!record.has_value()) return std::string{status_name(record.status())};
        return {(*record)->text.data(), (*record)->length};
    }
};

} // namespace

TEST_CASE("a log record tells sequence, time, source, level and text") {
    LogOnMachine on;
    on.append("first", 77);
    const LogRecord& record = **on.log->read(1);
    CHECK(record.sequence == 1);
    CHECK(record.time == Nanoseconds{77});
    CHECK(record.source == Endpoint{5, 2});
    CHECK(record.level == LogLevel::warning);
    CHECK(on.text_of(1) == "first");
}

TEST_CASE("an empty log has no record, and a log none beyond its last") {
    LogOnMachine on;
    CHECK(on.log->read(0).status() == Status::no_entry);
    CHECK(on.log->read(1).status() == Status::no_entry);
    on.append("first");
    CHECK(on.text_of(0) == "first");
    CHECK(on.log->read(2).status() == Status::no_entry);
    CHECK(on.log->read(~0ull).status() == Status::no_entry);
}

TEST_CASE("a full log loses its oldest records, and a reader sees the gap") {
    LogOnMachine on;
    for (std::size_t i = 1; i <= log_records; ++i) on.append(std::format("line {}", i));
    CHECK(on.text_of(1) == "line 1");
    on.append("one more");
    CHECK((*on.log->read(1))->sequence == 2);
    CHECK(on.text_of(1) == "line 2");
    CHECK(on.text_of(log_records + 1) == "one more");
    for (std::size_t i = 0; i < 3 * log_records + 7; ++i) on.append("more");
    const std::uint64_t last = 4 * log_records + 8;
    CHECK((*on.log->read(0))->sequence == last - log_records + 1);
    for (std::uint64_t sequence = last - log_records + 1; sequence <= last; ++sequence)
        REQUIRE((*on.log->read(sequence))->sequence == sequence);
    CHECK(on.log->read(last + 1).status() == Status::no_entry);
}

TEST_CASE("a long line is cut, also one of which the length needs more than a byte") {
    LogOnMachine on;
    const std::size_t length =
        GENERATE(as<std::size_t>{}, log_text_limit - 1, log_text_limit, log_text_limit + 1, 256, 300, 70'000);
    on.append(std::string(length, 'x'));
    CHECK(on.text_of(1) == std::string(std::min(length, log_text_limit), 'x'));
}

TEST_CASE("control characters in a line become question marks, UTF-8 stays") {
    LogOnMachine on;
    using namespace std::literals;
    on.append("a\nb\0c\x1b[2J\x7f grün"sv);
    CHECK(on.text_of(1) == "a?b?c?[2J? grün");
}

TEST_CASE("a shorter line leaves nothing of the one that was in its place") {
    LogOnMachine on;
    on.append("a long first line");
    for (std::size_t i = 0; i < log_records; ++i) on.append("x");
    const LogRecord& record = **on.log->read(log_records + 1);
    CHECK(std::string_view(record.text.data(), record.text.size()) == "x" + std::string(log_text_limit - 1, '\0'));
}

TEST_CASE("the kernel prints each line until a console watches, and again after it") {
    LogOnMachine on;
    on.append("hello", 12'345'678'999);
    CHECK(on.machine.console == "[  12.345678] ds: hello\n");
    CHECK((*on.log->read(1))->printed == 1);
    on.machine.console.clear();
    on.log->set_watcher(Endpoint{6, 1});
    on.append("silent");
    CHECK(on.machine.console.empty());
    CHECK((*on.log->read(2))->printed == 0); // the console prints it
    on.log->set_watcher(endpoints::none);
    on.append("again", 5000);
    CHECK(on.machine.console == "[   0.000005] ds: again\n");
}

TEST_CASE("a process name cannot send control characters to the kernel's console") {
    LogOnMachine on;
    on.log->append(Endpoint{5, 2}, "a\x1b[2J\r\n", LogLevel::info, {}, "text");
    CHECK(on.machine.console == "[   0.000000] a?[2J??: text\n");
}

TEST_CASE("the text of the kernel's own lines is bounded and counts right") {
    Text<16> text;
    text << "0123456789" << std::uint64_t{255} << Hexadecimal{0xbeef};
    CHECK(text.view() == "01234567892550xb");
    Text<64> numbers;
    numbers << std::uint64_t{0} << " " << ~std::uint64_t{0} << " " << Hexadecimal{0};
    CHECK(numbers.view() == "0 18446744073709551615 0x0");
    Text<64> padded;
    padded.padded(7, 3, '0').padded(1234, 3, '0').padded(5, 2, ' ');
    CHECK(padded.view() == "0071234 5");
}

TEST_CASE("each cause of a death has its words") {
    const auto words = [](DeathCause cause, std::uint64_t detail) {
        Text<100> text;
        describe_death(text, DeathReport{{}, cause, {}, detail, 0x401000});
        return std::string{text.view()};
    };
    CHECK(words(DeathCause::exited, 3) == "exit 3");
    CHECK(words(DeathCause::page_fault, 0x10) == "page fault at 0x10, instruction 0x401000");
    CHECK(words(DeathCause::illegal_instruction, 0) == "illegal instruction, instruction 0x401000");
    CHECK(words(DeathCause::divide_error, 0) == "divide error, instruction 0x401000");
    CHECK(words(DeathCause::general_protection, 0) == "general protection, instruction 0x401000");
    CHECK(words(DeathCause::other_exception, 16) == "exception 16, instruction 0x401000");
    CHECK(words(DeathCause::killed, 0) == "killed");
    CHECK(words(DeathCause::message_error, 0) == "promised memory is missing, instruction 0x401000");
}

TEST_CASE("the kernel prints the rest when there is no watcher any more: what the watcher has not asked past") {
    LogOnMachine on;
    on.append("printed by the kernel");
    on.log->set_watcher(Endpoint{6, 1});
    on.append("printed by the console");
    on.append("in the console's hands");
    on.append("not read");
    on.log->watcher_asks(3);
    on.machine.console.clear();
    on.log->print_rest([](Endpoint) { return std::string_view{"x"}; });
    CHECK(on.machine.console == "[   0.000000] x: in the console's hands\n[   0.000000] x: not read\n");
    CHECK(on.log->watcher() == endpoints::none);
}
