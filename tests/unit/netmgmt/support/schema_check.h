// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Whether a JSON value is what a schema of the method tables says.

#include "netmgmt/json/json_view.h"
#include "netmgmt/schema/schema.h"

namespace tessera::netmgmt::test {

/// Empty when it conforms, else what does not and why.
[[nodiscard]] std::string violation(const Schema& schema, JsonView json);

} // namespace tessera::netmgmt::test
