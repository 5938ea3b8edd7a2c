// SPDX-License-Identifier: BSD-3-Clause
// Members of answers for tables: a missing or ill-typed one shows as "-" instead of ending the program.
#pragma once

#include "tools/tess-cli/client/json.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace tessera::tess {

/// The member, or null when `object` is not an object or has no such member.
[[nodiscard]] const Json& member(const Json& object, std::string_view name);

/// A JSON integer, or the decimal string that the protocol uses for 64-bit numbers.
[[nodiscard]] std::optional<std::uint64_t> number_of(const Json& value);
[[nodiscard]] std::optional<std::uint64_t> number(const Json& object, std::string_view name);

/// A member that holds a time in nanoseconds.
[[nodiscard]] std::optional<std::chrono::nanoseconds> nanoseconds(const Json& object, std::string_view name);

/// Any value in one line: strings as they are, null as "-", everything else as JSON.
[[nodiscard]] std::string text_of(const Json& value);
[[nodiscard]] std::string text(const Json& object, std::string_view name);

/// Numbers for people; "-" when there is none.
[[nodiscard]] std::string grouped_text(const Json& object, std::string_view name);
[[nodiscard]] std::string size_text(const Json& object, std::string_view name);
[[nodiscard]] std::string duration_text(const Json& object, std::string_view name);

[[nodiscard]] bool is_true(const Json& object, std::string_view name);

/// The items of a list, or an empty array.
[[nodiscard]] const Json& items_of(const Json& list);

/// The elements of an array member joined by `separator`; "-" when there are none.
[[nodiscard]] std::string joined(const Json& object, std::string_view name, std::string_view separator);

} // namespace tessera::tess
