// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Lists of what processes have, process after process.

#include "netmgmt/guest/errors.h"
#include "netmgmt/guest/process_names.h"
#include "netmgmt/view/listing.h"
#include "netmgmt/view/quantities.h"
#include <optional>

namespace tessera::netmgmt::guest {

/// Calls `visit(const ProcessInformation&, from)` for one process or for all from a slot on, until it says stop. `from`
/// is where to begin in the process of that slot; nothing in the others.
template <class Function>
ListResult each_process(std::optional<EndpointNumber> wanted, std::uint64_t slot, std::uint64_t from,
                        Function&& visit) {
    if (wanted) {
        const auto process = find_process(Endpoint::from_value(wanted->value));
        if (!process.has_value()) return refusal(Status::no_such, "kernel");
        if (slot > process->endpoint.slot()) return {};
        const SystemResult<Visit> visited = visit(*process, slot == process->endpoint.slot() ? from : 0);
        if (!visited) return std::unexpected(visited.error());
        return {};
    }
    for (;; ++slot, from = 0) {
        const Result<ProcessInformation> process = read_process(slot);
        if (!process.has_value()) return {};
        if (process->endpoint.slot() != slot) slot = process->endpoint.slot(), from = 0;
        const SystemResult<Visit> visited = visit(*process, from);
        if (!visited) return std::unexpected(visited.error());
        if (*visited == Visit::stop) return {};
    }
}

} // namespace tessera::netmgmt::guest
