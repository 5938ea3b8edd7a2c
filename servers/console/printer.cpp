// SPDX-License-Identifier: BSD-3-Clause
#include "servers/console/printer.h"
#include "servers/console/line.h"
#include <atomic>
#include <format>

namespace tessera::console {

namespace {

Colour colour_of(LogLevel level) {
    switch (level) {
    case LogLevel::debug:
        return Colour::dark;
    case LogLevel::info:
        return Colour::grey;
    case LogLevel::warning:
        return Colour::yellow;
    case LogLevel::error:
        return Colour::red;
    }
    return Colour::grey;
}

// The next incarnation sees these words as they are at the moment of a crash.
void store(std::uint64_t& word, std::uint64_t value) {
    std::atomic_signal_fence(std::memory_order_seq_cst);
    std::atomic_ref(word).store(value, std::memory_order_relaxed);
    std::atomic_signal_fence(std::memory_order_seq_cst);
}

// Stands in the place of lines that are gone.
LogRecord gap(const LogRecord& next, std::uint64_t count) {
    LogRecord record{.sequence = next.sequence - 1, .time = next.time, .level = LogLevel::warning};
    const auto written = std::format_to_n(record.text.data(), static_cast<std::ptrdiff_t>(record.text.size()),
                                          "{} lines of the log were lost", count);
    record.length = static_cast<std::uint8_t>(written.out - record.text.data());
    record.source = endpoints::kernel;
    return record;
}

} // namespace

// A line that was finished is in the log, or an overwritten one before a later: else the words are damaged.
void Printer::resume() {
    if (!log_.read(progress_.finished).has_value()) store(progress_.finished, 0);
    if (progress_.begun != progress_.finished) line_.write("\n");
    store(progress_.begun, progress_.finished);
}

Backlog Printer::print(std::size_t limit) {
    Backlog backlog = Backlog::none;
    for (std::size_t count = 0;; ++count) {
        const auto record = log_.read(progress_.finished + 1);
        if (!record.has_value()) break;
        if (count == limit) {
            backlog = Backlog::more;
            break;
        }
        const std::uint64_t missing = record->sequence - (progress_.finished + 1);
        if (missing != 0) {
            lost_ += missing;
            print_line(gap(*record, missing));
        }
        print_line(*record);
    }
    if (screen_ != nullptr) screen_->show();
    return backlog;
}

void Printer::print_line(const LogRecord& record) {
    store(progress_.begun, record.sequence);
    if (record.printed == 0) {
        const Line line(record, names_.of(record.source).view());
        line_.write(line.text());
        line_.write("\n");
        if (screen_ != nullptr) screen_->add_line(line.text(), colour_of(record.level));
    }
    store(progress_.finished, record.sequence);
}

} // namespace tessera::console
