// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// RS, the one process that VM makes of its own accord. RS makes the others.

#include "servers/vm/programs.h"
#include "servers/vm/random_source.h"
#include "servers/vm/spaces.h"

namespace tessera::vm {

inline constexpr std::uint32_t rs_budget_pages = 4096; // 16 MiB: RS is not in a configuration file

// Loads `rs` from the boot archive and starts it. no_entry: it is not there; damaged; and the errors of loading.
Completion start_rs(const SpaceEnvironment& environment, Spaces& spaces, Programs& programs, RandomSource& random);

} // namespace tessera::vm
