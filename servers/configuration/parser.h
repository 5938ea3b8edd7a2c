// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Reads a NAME.conf: JSON with comments, checked whole and strictly.

#include "servers/configuration/service_configuration.h"
#include <expected>
#include <string>
#include <string_view>

namespace tessera::configuration {

inline constexpr std::size_t file_bytes_limit = 16 * 1024;

// One line for people: "ds.conf: priority: 20 is out of range; allowed: 1..15".
struct Problem {
    std::string message;
};

// `file_name` is the label with ".conf" behind it.
std::expected<ServiceConfiguration, Problem> parse(std::string_view file_name, std::string_view text);

} // namespace tessera::configuration
