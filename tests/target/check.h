// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Requirements of the target tests. One that is not met ends its test, with its place and what was seen.

#include "kernel/abi/result.h"
#include <format>
#include <source_location>
#include <stdexcept>
#include <string>
#include <string_view>

namespace tessera::target {

struct Failure : std::runtime_error {
    using std::runtime_error::runtime_error;
};

using Place = std::source_location;

[[noreturn]] inline void fail(std::string_view what, Place place = Place::current()) {
    std::string_view file = place.file_name();
    file.remove_prefix(file.find_last_of('/') + 1);
    throw Failure(std::format("{}:{}: {}", file, place.line(), what));
}

inline void require(bool condition, std::string_view what, Place place = Place::current()) {
    if (!condition) fail(std::format("not so: {}", what), place);
}

template <class Value>
void require_equal(const Value& seen, const std::type_identity_t<Value>& expected, std::string_view what,
                   Place place = Place::current()) {
    if (seen != expected) fail(std::format("{}: {} instead of {}", what, seen, expected), place);
}

inline void require_status(Status seen, Status expected, std::string_view what = "status",
                           Place place = Place::current()) {
    if (seen != expected)
        fail(std::format("{}: {} instead of {}", what, status_name(seen), status_name(expected)), place);
}

// The value of a result that must have one.
template <class Value> Value require_value(Result<Value> result, Place place = Place::current()) {
    if (!result.has_value()) fail(std::format("{} instead of a value", status_name(result.error())), place);
    return *std::move(result);
}

} // namespace tessera::target
