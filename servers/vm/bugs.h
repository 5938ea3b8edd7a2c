// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Breaks VM on purpose, so that tests see the check notice.

#include "servers/protocols/vm_check.h"
#include "servers/vm/spaces.h"

namespace tessera::vm {

using protocol::vm::Bug;

// `page` is one of the caller's, as protocol::vm::SeedBug says. invalid: it is not such a page, or there is no such
// bug. out_of_memory.
Completion seed(Bug bug, const SpaceEnvironment& environment, Space& space, VirtualAddress page);

} // namespace tessera::vm
