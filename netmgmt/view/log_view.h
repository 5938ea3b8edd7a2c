// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The system's log.

#include "netmgmt/view/listing.h"
#include "netmgmt/view/quantities.h"

#include <string>

namespace tessera::netmgmt {

enum class LogLevel : std::uint8_t { debug, information, warning, error };

struct LogEntry {
    Sequence sequence;
    Nanoseconds nanoseconds; ///< since boot
    LogLevel level = LogLevel::information;
    std::string source;
    std::string text;
};

class LogView {
public:
    /// Positions are sequence numbers. Gives how many entries from `range.from` on were overwritten before they were
    /// read.
    virtual SystemResult<Counter> read(Range range, Visitor<LogEntry>& visitor) = 0;

protected:
    ~LogView() = default;
};

} // namespace tessera::netmgmt
