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
    // The watcher wants the line with this sequence: it has printed those before it.
    void watcher_asks(std::uint64_t sequence) { asked_ = sequence; }

    // There is no watcher any more: prints what it has not. `name_of(Endpoint)` is a source's name.
    template <class NameOf> void print_rest(NameOf&& name_of) {
        set_watcher(endpoints::none);
        for (auto record = read(asked_); record.has_value(); record = read((*record)->sequence + 1))
            if ((*record)->printed == 0) print(**record, name_of((*record)->source));
    }

private:
    static void print(const LogRecord& record, std::string_view source_name);

    std::array<LogRecord, log_records> records_{};
    std::uint64_t next_sequence_ = 1;
    Endpoint watcher_;
    std::uint64_t asked_ = 1; // by watchers, so far
};

} // namespace tessera::kernel
