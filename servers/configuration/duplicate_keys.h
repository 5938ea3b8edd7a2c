// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// nlohmann::json keeps the last of two equal keys without a word; a configuration file must not have any.

#include "servers/configuration/field.h"
#include <format>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tessera::configuration {

inline constexpr int nesting_limit = 8;

// JSON with comments. Throws nlohmann::json::exception, or FieldError for a duplicate key or too deep a nesting.
inline nlohmann::json parse_without_duplicates(std::string_view text) {
    using Event = nlohmann::json::parse_event_t;
    std::vector<std::set<std::string>> objects; // the keys of each object that is open
    const auto watch = [&](int depth, Event event, nlohmann::json& value) {
        if (depth > nesting_limit) throw FieldError(std::format("is nested deeper than {} levels", nesting_limit));
        if (event == Event::object_start) objects.emplace_back();
        if (event == Event::object_end) objects.pop_back();
        if (event == Event::key && !objects.back().insert(value.get<std::string>()).second)
            throw FieldError(std::format("{}: occurs twice; allowed: once", value.get<std::string>()));
        return true;
    };
    constexpr bool allow_exceptions = true;
    constexpr bool ignore_comments = true;
    return nlohmann::json::parse(text, watch, allow_exceptions, ignore_comments);
}

} // namespace tessera::configuration
