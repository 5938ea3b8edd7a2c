// SPDX-License-Identifier: BSD-3-Clause
// The `error` object of an answer, told in words that say what to try next.
#pragma once

#include "tools/tess-cli/client/failure.h"
#include "tools/tess-cli/client/json.h"

#include <string_view>

namespace tessera::tess {

/// `error` may be anything at all; a malformed one is a malformed answer.
[[nodiscard]] Failure failure_from(const Json& error, std::string_view method);

} // namespace tessera::tess
