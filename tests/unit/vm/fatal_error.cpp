// SPDX-License-Identifier: BSD-3-Clause
#include "tests/unit/vm/fatal_error.h"
#include "servers/vm/fatal.h"
#include <string>

namespace tessera::vm {

void fatal(std::string_view what) { throw tests::FatalError(std::string(what)); }

} // namespace tessera::vm
