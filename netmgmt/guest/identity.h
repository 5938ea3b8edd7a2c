// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Who this is, for the greeting: the build, and the access mode from the boot command line.

#include "netmgmt/methods/call.h"

namespace tessera::netmgmt::guest {

/// `mode=open` on the command line gives every session every role; anything else leaves them locked.
[[nodiscard]] Identity identity(MachineView& machine);

} // namespace tessera::netmgmt::guest
