// SPDX-License-Identifier: BSD-3-Clause
// The verbs below `tess vm` that tell whose the pages are.
#pragma once

#include "tools/tess-cli/registry.h"

namespace tessera::tess {

void add_vm_pages(Registry& verbs, VerbParser& vm);

} // namespace tessera::tess
