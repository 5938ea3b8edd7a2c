// SPDX-License-Identifier: BSD-3-Clause
// The manual in Markdown, from the same table as --help.
#pragma once

#include "tools/tess-cli/registry.h"

#include <string>

namespace tessera::tess {

[[nodiscard]] std::string manual_page(const Registry& registry);

} // namespace tessera::tess
