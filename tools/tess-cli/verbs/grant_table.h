// SPDX-License-Identifier: BSD-3-Clause
// How grants look in a table.
#pragma once

#include "tools/tess-cli/client/json.h"
#include "tools/tess-cli/output/table.h"

#include <string>
#include <string_view>

namespace tessera::tess {

/// "ds 4099": a process by the members `role` and `role`_name; "any" as it is.
[[nodiscard]] std::string party(const Json& object, const std::string& role);

/// An array of grants, as grant.list and the chain of grant.get have it.
[[nodiscard]] Table grant_table(const Json& grants);

} // namespace tessera::tess
