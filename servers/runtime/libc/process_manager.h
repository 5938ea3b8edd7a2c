// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The process's connection to PM.

#include "servers/protocols/pm.h"
#include "servers/runtime/service_connection.h"

namespace tessera::libc {

using ProcessManager = runtime::ServiceConnection<protocol::pm::PmProtocol>;

// One a process: the C library below `main` has no object to live in. A child of fork has a copy that is as good, as it
// names the same PM.
ProcessManager& process_manager();

} // namespace tessera::libc
