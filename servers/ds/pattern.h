// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// A POSIX extended regular expression that a whole key must match.

#include "kernel/abi/result.h"
#include <memory>
#include <regex.h>
#include <string_view>

namespace tessera::ds {

class Pattern {
public:
    // invalid: not a regular expression, or more than one {m,n}, which could make it grow beyond any memory.
    static Result<Pattern> compile(std::string_view text);

    bool matches(std::string_view key) const;

private:
    struct Free {
        void operator()(regex_t* expression) const {
            regfree(expression);
            delete expression;
        }
    };
    explicit Pattern(std::unique_ptr<regex_t, Free> expression) : expression_(std::move(expression)) {}

    std::unique_ptr<regex_t, Free> expression_;
};

} // namespace tessera::ds
