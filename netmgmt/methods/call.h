// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// What a method gets beside its parameters.

#include "netmgmt/limits.h"
#include "netmgmt/methods/access.h"
#include "netmgmt/view/system_view.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tessera::netmgmt {

struct Method;
using MethodTable = std::span<const std::span<const Method>>;

/// What the server says of itself in its greeting.
struct Identity {
    std::string product;
    std::string version;
    std::uint32_t protocol = 1;
    std::string build;
    AccessMode mode = AccessMode::locked;
    std::vector<std::string> features;
};

/// What peers did since netmgmt started; kept by the sessions, shown by `system.limits`.
struct PeerCounters {
    std::uint32_t connections_open = 0;
    Counter connections_accepted;
    Counter connections_refused;
    Counter connections_timed_out;
    Counter lines;
    Counter lines_over_long;
};

struct Call {
    const SystemView& system;
    const Identity& identity;
    const PeerCounters& peers;
    MethodTable table;
    std::optional<MachineStop> stop_after_reply{}; ///< set by a method; done when its reply has left
};

} // namespace tessera::netmgmt
