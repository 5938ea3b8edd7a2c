// SPDX-License-Identifier: BSD-3-Clause
// tess ds read, tess ds snapshot.
#pragma once

#include "tools/tess-cli/output/table.h"
#include "tools/tess-cli/registry.h"

namespace tessera::tess {

void add_ds_read(Registry& verbs, VerbParser& parent);
void add_ds_snapshot(Registry& verbs, VerbParser& parent);

} // namespace tessera::tess
