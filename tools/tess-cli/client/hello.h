// SPDX-License-Identifier: BSD-3-Clause
// The greeting: the first line that a system sends on every connection.
#pragma once

#include "tools/tess-cli/client/failure.h"
#include "tools/tess-cli/client/json.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tessera::tess {

/// The version of the management protocol that this program speaks.
constexpr std::int64_t protocol_version = 1;

struct Hello {
    std::string product;
    std::string version;
    std::string build;
    std::string mode; ///< "open" or "locked"
    std::int64_t protocol = 0;
    std::vector<std::string> features;
};

/// Reads the notification `hello`. Anything else as the first line is not a Tessera.
[[nodiscard]] Result<Hello> parse_hello(std::string_view line);

/// Refuses a system whose answers this program could misread.
[[nodiscard]] Result<void> check_protocol(const Hello& hello);

} // namespace tessera::tess
