// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The system log: a ring of lines, written by the kernel and by log_write, which outlives every server. While no
// console server watches it, the kernel prints each line itself.

#include "kernel/abi/counters.h"
#include "kernel/abi/result.h"
#include "kernel/core/limits.h"
#include <array>
#include <string_view>

namespace tessera::kernel {

class Log {
public:
    // Appends one line, cut to log_text_limit; bytes that are not printable ASCII or part of UTF-8 become '?'.
    void append(Endpoint source, std::string_view source_name, LogLevel level, Nanoseconds time, std::string_view text);
    // The first record with at least this sequence; no_entry.
    Result<const LogRecord*> read(std::uint64_t sequence) const;

    Endpoint watcher() const { return watcher_; }
    void set_watcher(Endpoint watcher) { watcher_ = watcher; } // none: the kernel prints

private:
    std::array<LogRecord, log_records> records_{};
    std::uint64_t next_sequence_ = 1;
    Endpoint watcher_;
};

} // namespace tessera::kernel
