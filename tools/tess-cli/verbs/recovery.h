// SPDX-License-Identifier: BSD-3-Clause
// Watching a service go away and come back, over a connection that may itself depend on that service.
#pragma once

#include "tools/tess-cli/verbs/services.h"

#include <cstdint>
#include <optional>

namespace tessera::tess {

struct Recovery {
    ServiceView after;
    /// Host wall clock from the last answer that showed the old service unharmed to the first that showed the new one
    /// running. It is an upper bound: polling and reconnecting are in it.
    Duration gap{};
    std::uint64_t reconnects = 0;
};

/// Returns when the service runs with another endpoint than `before`. With a `fault` id, the old service counts as
/// unharmed only until fault.list shows the fault as fired, so that the time to detect a hang is in the gap.
/// Refused when RS gave the service up, when the fault could not fire, or when the deadline is over.
[[nodiscard]] Result<Recovery> watch_restart(Session& session, const ServiceView& before,
                                             std::optional<std::uint64_t> fault, Instant deadline);

} // namespace tessera::tess
