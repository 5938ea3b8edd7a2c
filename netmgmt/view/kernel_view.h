// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// What the kernel counts.

#include "netmgmt/view/listing.h"
#include "netmgmt/view/quantities.h"
#include "netmgmt/view/system_error.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tessera::netmgmt {

/// Members named at run time, like the kernel's calls.
using NamedCounters = std::vector<std::pair<std::string, Counter>>;

struct KernelCounters {
    Counter messages;
    Counter notifications;
    Counter kernel_calls;
    Counter interrupts;
    Counter spurious_interrupts;
    Counter page_faults;
    Counter context_switches;
    Counter address_space_loads;
    Counter address_space_loads_saved;
    Counter safecopies;
    ByteCount copied_bytes;
    Counter copy_faults;
    Counter stale_endpoints;
    Counter refused_calls;
    TickCount timestamp_counter;
    NamedCounters calls;
};

/// Runs that took at least `from` ticks and less than twice that; the first also those of none, the last all longer
/// ones.
struct TimeBucket {
    TickCount from;
    Counter runs;
};

struct KernelCallEntry {
    std::string name;
    std::uint32_t number = 0;
    Counter count;
    Counter errors;
    Counter timed;
    std::optional<TickCount> least;
    std::optional<TickCount> median_below;
    std::optional<TickCount> most;
    std::vector<TimeBucket> buckets;
};

struct MessagePair {
    EndpointNumber from;
    std::string from_name;
    EndpointNumber to;
    std::string to_name;
    Counter messages;
    Counter notifications;
};

class KernelView {
public:
    virtual SystemResult<KernelCounters> counters() = 0;
    /// Positions are numbers of kernel calls.
    virtual ListResult calls(Range range, Visitor<KernelCallEntry>& visitor) = 0;
    /// Gives how many deliveries had no room in the kernel's table.
    virtual SystemResult<Counter> messages(Range range, Visitor<MessagePair>& visitor) = 0;

protected:
    ~KernelView() = default;
};

} // namespace tessera::netmgmt
