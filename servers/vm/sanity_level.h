// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// How closely VM checks itself, as the boot command line says: `vm_sanity=none|top|functions|detail`.

#include "servers/protocols/vm_check.h"

namespace tessera::vm {

using protocol::vm::SanityLevel;

// The last such word decides; without one, or with a level that does not exist: none.
SanityLevel sanity_level(std::string_view command_line);

std::string_view name_of(SanityLevel level);

} // namespace tessera::vm
