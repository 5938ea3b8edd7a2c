// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// One method as the tables declare it. Dispatch, checks, `rpc.discover` and the manual are made from it.

#include "netmgmt/json/json_writer.h"
#include "netmgmt/methods/call.h"
#include "netmgmt/methods/rpc_error.h"

namespace tessera::netmgmt {

enum class Effect : std::uint8_t { reads, changes_state };

enum class Stability : std::uint8_t { stable, experimental };

/// An error a method can answer with, beside those that every method can.
struct ErrorCase {
    ErrorCode code;
    std::string_view name; ///< errno of `refused`, limit of `limit_exceeded`
    std::string_view when;
};

/// JSON texts; the unit tests check them against the schemas.
struct Example {
    std::string_view parameters;
    std::string_view result;
};

struct MethodText {
    std::string_view name;
    std::string_view summary;
    Role role = Role::observe;
    Effect effect = Effect::reads;
    Stability stability = Stability::stable;
    std::string_view asks{}; ///< the server that must be up, empty when none
    std::span<const ErrorCase> errors{};
    Example example;
};

/// Writes the result; after an error `out` may hold a part of it.
using Invoke = Outcome<void> (*)(Call& call, JsonView parameters, JsonWriter& out);

struct Method {
    MethodText text;
    const Schema* parameters;
    const Schema* result;
    Invoke invoke;
};

} // namespace tessera::netmgmt
