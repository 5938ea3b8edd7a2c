// SPDX-License-Identifier: BSD-3-Clause
// Which system a verb talks to, and why that one.
#pragma once

#include "tools/tess-cli/client/tcp_stream.h"
#include "tools/tess-cli/host.h"

#include <optional>
#include <string>
#include <vector>

namespace tessera::tess {

/// The port of the management plane in the guest, and the default on the host.
constexpr std::uint16_t default_port = 7420;

struct Target {
    Address address;
    std::string reason;              ///< why this port: "--port", "TESSERA_PORT", …
    std::vector<Instance> instances; ///< all that have a state file, running or not
};

/// The order: --port, TESSERA_PORT, the only running instance, 7420.
[[nodiscard]] Result<Target> choose_target(std::string host, std::optional<std::uint16_t> port, const Host& machine);

/// "7600 (qemu), 7601 (bochs)"; empty when none runs.
[[nodiscard]] std::string running_instances(const std::vector<Instance>& instances);

} // namespace tessera::tess
