// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Prints the system log from where the last incarnation of the console stopped: without a gap, and without repeating
// what it or the kernel has printed.

#include "kernel/abi/counters.h"
#include "kernel/abi/result.h"
#include "servers/console/serial_line.h"
#include "servers/console/source_names.h"
#include "servers/console/text_screen.h"

namespace tessera::console {

class Log {
public:
    virtual ~Log() = default;
    // The first record with a sequence of at least this. no_entry: none yet.
    virtual Result<LogRecord> read(std::uint64_t sequence) = 0;
};

// In preserved memory. The two differ while a line is being printed, and after a crash in that time.
struct Progress {
    std::uint64_t begun = 0;    // sequence of the last line that was begun
    std::uint64_t finished = 0; // and of the last that was finished; 0: none yet
};

enum class Backlog : std::uint8_t { none, more };

class Printer {
public:
    // `screen` may be null.
    Printer(Log& log, SourceNames& names, SerialLine& line, TextScreen* screen, Progress& progress)
        : log_(log),
          names_(names),
          line_(line),
          screen_(screen),
          progress_(progress) {}

    // Once, at start: ends a line that a predecessor left unfinished; it will come again, whole.
    void resume();

    // At most so many lines: the caller has other things to hear of, too.
    Backlog print(std::size_t limit);

    std::uint64_t lost() const { return lost_; } // lines that were overwritten before they could be printed

private:
    void print_line(const LogRecord& record);

    Log& log_;
    SourceNames& names_;
    SerialLine& line_;
    TextScreen* screen_;
    Progress& progress_;
    std::uint64_t lost_ = 0;
};

} // namespace tessera::console
