// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/core/log.h"
#include "kernel/arch/contract/machine.h"
#include "kernel/core/text.h"

namespace tessera::kernel {

namespace {

char printable(char character) {
    const auto byte = static_cast<unsigned char>(character);
    return byte < 0x20 || byte == 0x7f ? '?' : character;
}

} // namespace

void Log::print(const LogRecord& record, std::string_view source_name) {
    Text<log_text_limit + 64> line;
    const std::uint64_t microseconds = record.time.value / 1000;
    line << "[";
    line.padded(microseconds / 1'000'000, 4, ' ') << ".";
    line.padded(microseconds % 1'000'000, 6, '0') << "] ";
    for (const char character : source_name) line << printable(character);
    line << ": ";
    line << std::string_view{record.text.data(), record.length} << "\n";
    arch::console_write(line.view());
}

void Log::append(Endpoint source, std::string_view source_name, LogLevel level, Nanoseconds time,
                 std::string_view text) {
    LogRecord& record = records_[next_sequence_ % log_records];
    record = {};
    record.sequence = next_sequence_++;
    record.time = time;
    record.source = source;
    record.level = level;
    record.length = static_cast<std::uint8_t>(text.size() < log_text_limit ? text.size() : log_text_limit);
    for (std::size_t i = 0; i < record.length; ++i) record.text[i] = printable(text[i]);
    if (watcher_ != endpoints::none) return;
    print(record, source_name);
    record.printed = 1;
}

Result<const LogRecord*> Log::read(std::uint64_t sequence) const {
    const std::uint64_t oldest = next_sequence_ > log_records ? next_sequence_ - log_records : 1;
    const std::uint64_t wanted = sequence < oldest ? oldest : sequence;
    if (wanted >= next_sequence_) return Status::no_entry;
    return &records_[wanted % log_records];
}

} // namespace tessera::kernel
