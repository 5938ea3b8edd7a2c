// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// What the kernel records while it is asked to, in words.

#include "kernel/abi/trace.h"
#include "netmgmt/view/listing.h"
#include "netmgmt/view/quantities.h"

#include <optional>
#include <string>
#include <vector>

namespace tessera::netmgmt {

using tessera::TraceClass;
using tessera::TraceKind;

struct TraceEntry {
    Sequence sequence;
    Nanoseconds nanoseconds; ///< since boot
    TickCount ticks;
    TraceKind kind = TraceKind::message;
    std::optional<EndpointNumber> from;
    std::string from_name; ///< empty: nobody
    std::optional<EndpointNumber> to;
    std::string to_name;
    std::string what;                  ///< "ds.publish_u32", "clock_read", "write", "line 11"
    std::optional<std::string> status; ///< of a kernel call or an answer
    std::optional<TickCount> duration; ///< of a kernel call
    Address first;
    Address second;
};

class TraceView {
public:
    /// Records just these classes from now on. Gives the sequence of the first entry to come.
    virtual SystemResult<Sequence> record(const std::vector<TraceClass>& classes) = 0;
    /// Positions are sequence numbers; 0 is the oldest. Gives how many entries from `range.from` on were overwritten.
    virtual SystemResult<Counter> read(Range range, Visitor<TraceEntry>& visitor) = 0;

protected:
    ~TraceView() = default;
};

} // namespace tessera::netmgmt
