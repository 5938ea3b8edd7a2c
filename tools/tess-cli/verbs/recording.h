// SPDX-License-Identifier: BSD-3-Clause
// Has the kernel record something for a while, and makes sure that it stops.
#pragma once

#include "tools/tess-cli/session.h"

#include <cstdint>
#include <functional>
#include <optional>

namespace tessera::tess {

struct Recording {
    Json parameters;                 ///< of trace.start
    std::optional<double> seconds{}; ///< none: until the user interrupts
};

/// Starts recording, calls `look` with the next sequence about ten times a second and once after the stop, and stops
/// when the time is over, when the user interrupts and when `look` fails.
[[nodiscard]] Result<void> record(Session& session, const Recording& recording,
                                  const std::function<Result<void>(std::uint64_t first_sequence)>& look);

} // namespace tessera::tess
