// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The method tables as an OpenRPC 1.2.6 document (https://spec.open-rpc.org).

#include "netmgmt/methods/method.h"

namespace tessera::netmgmt {

void write_open_rpc(JsonWriter& out, const Identity& identity, MethodTable table);

} // namespace tessera::netmgmt
