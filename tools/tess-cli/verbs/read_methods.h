// SPDX-License-Identifier: BSD-3-Clause
// The methods that change nothing, and the members that this program reads of their results.
#pragma once

#include <span>
#include <string_view>

namespace tessera::tess {

enum class ResultShape { object, list };

struct ReadMethod {
    std::string_view name;
    ResultShape shape;
    std::span<const std::string_view> members; ///< of the result, or of each item of the list
};

/// Those that need no parameters.
[[nodiscard]] std::span<const ReadMethod> read_methods();

/// Those that need the endpoint of a process.
[[nodiscard]] std::span<const ReadMethod> read_methods_of_a_process();

} // namespace tessera::tess
