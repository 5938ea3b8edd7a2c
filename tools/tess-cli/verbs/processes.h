// SPDX-License-Identifier: BSD-3-Clause
// Processes as people name them.
#pragma once

#include "tools/tess-cli/session.h"

#include <cstdint>
#include <string>

namespace tessera::tess {

struct ProcessName {
    std::uint64_t endpoint;
    std::string name;
};

/// Finds a running process by its name or its endpoint. A name that several processes bear is refused, with their
/// endpoints.
[[nodiscard]] Result<ProcessName> find_process(Session& session, const std::string& name_or_endpoint);

} // namespace tessera::tess
