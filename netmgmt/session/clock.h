// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Time as the sessions see it, so that tests can turn it.

#include <chrono>

namespace tessera::netmgmt {

class Clock {
public:
    /// Never goes back.
    [[nodiscard]] virtual std::chrono::nanoseconds now() const = 0;

protected:
    ~Clock() = default;
};

} // namespace tessera::netmgmt
