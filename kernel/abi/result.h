// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// A value or a Status; it cannot be ignored. TESSERA_TRY hands an error up: the one thing here that only a macro can
// do.

#include "kernel/abi/status.h"
#include <expected>
#include <utility>

namespace tessera {

template <class T> class [[nodiscard]] Result : public std::expected<T, Status> {
public:
    using std::expected<T, Status>::expected;
    constexpr Result(Status failure) : std::expected<T, Status>(std::unexpected(failure)) {}
    constexpr Status status() const { return this->has_value() ? Status::ok : this->error(); }
};

struct Done {}; // the value of an operation that has none
using Completion = Result<Done>;

} // namespace tessera

// Evaluates to the value, or returns the error from the enclosing function.
#define TESSERA_TRY(expression)                                                                                        \
    ({                                                                                                                 \
        auto&& tessera_try_result = (expression);                                                                      \
        if (!tessera_try_result.has_value()) [[unlikely]]                                                              \
            return tessera_try_result.error();                                                                         \
        *std::move(tessera_try_result);                                                                                \
    })
