// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Whether the configuration files fit together: nobody may call, and so wait for, a service that is not more important
// than itself. Notifications wait for nobody and may go anywhere.

#include "servers/configuration/service_configuration.h"
#include <span>
#include <string>
#include <vector>

namespace tessera::configuration {

// One line for each inverted call, unknown or repeated label; empty when all is well. VM and RS have no files: they are
// more important than everybody.
std::vector<std::string> call_graph_problems(std::span<const ServiceConfiguration> services);

} // namespace tessera::configuration
