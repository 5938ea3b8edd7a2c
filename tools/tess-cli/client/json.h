// SPDX-License-Identifier: BSD-3-Clause
// JSON from a peer that is not trusted: parsed within limits, so that later code may copy, print and destroy it freely.
#pragma once

#include "tools/tess-cli/client/failure.h"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace tessera::tess {

/// Members keep the order of the peer, which is the order for reading.
using Json = nlohmann::ordered_json;

/// Deeper values would overflow the stack in recursive code of the library.
constexpr std::size_t json_depth_limit = 64;
/// An ordered object searches linearly; more members would make parsing quadratic.
constexpr std::size_t json_members_limit = 4096;

/// Parses one document. The error says what is wrong and never holds the document itself.
[[nodiscard]] std::expected<Json, std::string> parse_json(std::string_view text);

/// One line of pure ASCII: safe on a terminal, stable for scripts.
[[nodiscard]] std::string compact(const Json& value);

/// Several lines with two spaces a level, pure ASCII too.
[[nodiscard]] std::string indented(const Json& value);

} // namespace tessera::tess
