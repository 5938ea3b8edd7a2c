// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// What the kernel counts.

#include "netmgmt/view/quantities.h"
#include "netmgmt/view/system_error.h"

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

class KernelView {
public:
    virtual SystemResult<KernelCounters> counters() = 0;

protected:
    ~KernelView() = default;
};

} // namespace tessera::netmgmt
