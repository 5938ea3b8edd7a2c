// SPDX-License-Identifier: BSD-3-Clause
// tess fault kill: the first scripted fault; one round or many, with a check that nothing was lost.
#pragma once

#include "tools/tess-cli/registry.h"

namespace tessera::tess {

void add_fault_kill(Registry& verbs, VerbParser& parent);

} // namespace tessera::tess
