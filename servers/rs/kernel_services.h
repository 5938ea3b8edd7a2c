// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// What RS learns from the kernel when it starts.

#include "servers/rs/service.h"
#include <string>
#include <vector>

namespace tessera::rs {

// VM and RS, which have no configuration files. They must be first in the table: their ids are fixed.
void add_kernel_services(ServiceTable& services);

// Services that the boot command line asks for.
std::vector<std::string> services_on_command_line();

} // namespace tessera::rs
