// SPDX-License-Identifier: BSD-3-Clause
// Clock, alarms and the log.

#include "kernel/abi/calls/time_and_log.h"
#include "servers/runtime/clock.h"
#include "servers/runtime/log_format.h"
#include "tests/target/test.h"
#include <array>
#include <cmath>
#include <cstdio>
#include <stdexcept>

namespace tessera::target {

namespace {

using kernel_calls::AlarmSet;

void time_goes_on(Environment&) {
    Nanoseconds last = now();
    require(last.value != 0, "the machine runs for a while");
    for (int i = 0; i < 1000; ++i) {
        const Nanoseconds next = now();
        require(next >= last, "never back");
        last = next;
    }
    const auto reading = require_value(kernel_call<kernel_calls::ClockRead>({}));
    require(reading.ticks_per_second > 1'000'000, "a rate of the counter");
    require(reading.counter > reading.at_entry, "the counter runs");
}

// The clock page and the kernel reckon the same.
void clock_page_agrees_with_the_kernel(Environment&) {
    for (int i = 0; i < 1000; ++i) {
        const Nanoseconds before = now();
        const auto reading = require_value(kernel_call<kernel_calls::ClockRead>({}));
        const Nanoseconds after = now();
        require(before <= reading.time && reading.time <= after, "the kernel's time lies between");
        require(clock_page().at_entry == reading.at_entry, "entry");
        require_equal(clock_page().ticks_per_second, reading.ticks_per_second, "rate");
    }
}

// Not on a grid of scheduler ticks: of alarms a millisecond apart each rings before the next is due, but for those
// during which the machine (a program itself) was elsewhere.
void alarms_ring_at_their_time(Environment&) {
    int in_time = 0;
    for (int i = 0; i < 20; ++i) {
        const Nanoseconds deadline = now() + milliseconds(1);
        require_value(kernel_call<AlarmSet>({.deadline = deadline}));
        (void)require_value(receive(endpoints::clock));
        in_time += now() < deadline + milliseconds(1) ? 1 : 0;
    }
    require(in_time >= 10, "in time");
}

void alarm_rings_when_it_is_time(Environment&) {
    for (const std::uint64_t delay : {1, 5, 20}) {
        const Nanoseconds deadline = now() + milliseconds(delay);
        require_value(kernel_call<AlarmSet>({.deadline = deadline}));
        const auto received = require_value(receive(endpoints::clock));
        require(received.source == endpoints::clock && received.kind == MessageKind::notification, "an alarm");
        require(now() >= deadline, "not early");
    }
}

void alarm_in_the_past_rings_at_once(Environment&) {
    require_value(kernel_call<AlarmSet>({.deadline = {1}}));
    require(require_value(receive(endpoints::clock)).source == endpoints::clock, "an alarm");
}

void alarm_can_be_moved_and_cancelled(Environment&) {
    const Nanoseconds early = now() + milliseconds(2);
    const Nanoseconds late = now() + milliseconds(10);
    require_value(kernel_call<AlarmSet>({.deadline = early}));
    require_value(kernel_call<AlarmSet>({.deadline = {0}}));
    require_value(kernel_call<AlarmSet>({.deadline = early}));
    require_value(kernel_call<AlarmSet>({.deadline = late}));
    (void)require_value(receive(endpoints::clock));
    require(now() >= late, "only the last one counts");
    require_value(kernel_call<AlarmSet>({.deadline = {~0ull}}));
    require_value(kernel_call<AlarmSet>({.deadline = {0}}));
}

std::uint64_t newest_sequence() {
    LogRecord record;
    std::uint64_t sequence = 0;
    for (;;) {
        const auto read = kernel_call<kernel_calls::LogRead>(
            {.sequence = sequence + 1, .address = {reinterpret_cast<std::uint64_t>(&record)}});
        if (!read.has_value()) return sequence;
        sequence = record.sequence;
    }
}

// The first record of this process after `sequence`.
LogRecord own_record_after(std::uint64_t sequence) {
    LogRecord record;
    for (;; sequence = record.sequence) {
        require_value(kernel_call<kernel_calls::LogRead>(
            {.sequence = sequence + 1, .address = {reinterpret_cast<std::uint64_t>(&record)}}));
        const std::string_view text(record.text.data(), record.length);
        if (text.starts_with("log test")) return record;
    }
}

void lines_arrive_whole(Environment&) {
    const std::uint64_t before = newest_sequence();
    log_warning("log test {}\a\x1b[2J", 7);
    const LogRecord record = own_record_after(before);
    const std::string_view text(record.text.data(), record.length);
    require_equal(text, "log test 7??[2J", "text without control characters");
    require(record.level == LogLevel::warning, "level");
    require(record.time <= now() && record.time.value != 0, "time");
}

void longest_line(Environment&) {
    const std::uint64_t before = newest_sequence();
    const std::string text = "log test " + std::string(1000, 'x');
    log_line(LogLevel::debug, text);
    require_equal(std::size_t{own_record_after(before).length}, log_text_limit, "length");
}

void standard_output_is_the_log(Environment&) {
    const std::uint64_t before = newest_sequence();
    std::printf("log test of %s %d\n", "printf", 42);
    const LogRecord record = own_record_after(before);
    require_equal(std::string_view(record.text.data(), record.length), "log test of printf 42", "text");
}

// The C and C++ libraries under us.
void libraries_work(Environment&) {
    bool caught = false;
    try {
        throw std::out_of_range("thrown");
    } catch (const std::logic_error&) {
        caught = true;
    }
    require(caught, "exceptions");
    volatile double two = 2.0;
    require(std::fabs(std::sqrt(two) * std::sqrt(two) - 2.0) < 1e-12, "floating point");
    require_equal(std::format("{:.3f} {:#x}", 1.5, 255), "1.500 0xff", "format");
    std::vector<std::string> strings;
    for (int i = 0; i < 10'000; ++i) strings.push_back(std::to_string(i));
    require_equal(strings[9999], "9999", "the heap");
}

constexpr std::array tests{
    Test{"clock.goes_on", time_goes_on},
    Test{"clock.page", clock_page_agrees_with_the_kernel},
    Test{"clock.alarm_in_time", alarms_ring_at_their_time},
    Test{"clock.alarm", alarm_rings_when_it_is_time},
    Test{"clock.alarm_in_the_past", alarm_in_the_past_rings_at_once},
    Test{"clock.alarm_moved_and_cancelled", alarm_can_be_moved_and_cancelled},
    Test{"log.lines", lines_arrive_whole},
    Test{"log.longest_line", longest_line},
    Test{"log.standard_output", standard_output_is_the_log},
    Test{"libraries.work", libraries_work},
};

} // namespace

std::span<const Test> time_and_log_tests() { return tests; }

} // namespace tessera::target
