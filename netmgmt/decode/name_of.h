// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernel/abi/endpoint.h"

#include <functional>
#include <string>

namespace tessera::netmgmt {

/// The name of the process behind an endpoint.
using NameOf = std::function<std::string(Endpoint)>;

} // namespace tessera::netmgmt
