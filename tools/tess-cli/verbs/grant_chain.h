// SPDX-License-Identifier: BSD-3-Clause
// tess grants chain, below `grants`.
#pragma once

#include "tools/tess-cli/registry.h"

namespace tessera::tess {

void add_grant_chain(Registry& verbs, VerbParser& grants);

} // namespace tessera::tess
