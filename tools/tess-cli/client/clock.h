// SPDX-License-Identifier: BSD-3-Clause
// Time on the host. Verbs take it from here, so that tests can turn it by hand.
#pragma once

#include "tools/tess-cli/client/failure.h"

#include <chrono>

namespace tessera::tess {

using Instant = std::chrono::steady_clock::time_point;
using Duration = std::chrono::steady_clock::duration;

class Interrupts;

class Clock {
public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual Instant now() const = 0;
    /// Returns after `duration`, or at once with `interrupted` when the user wants to leave.
    [[nodiscard]] virtual Result<void> pause(Duration duration) = 0;
};

class SystemClock final : public Clock {
public:
    explicit SystemClock(const Interrupts& interrupts) : interrupts_{interrupts} {}
    [[nodiscard]] Instant now() const override { return std::chrono::steady_clock::now(); }
    [[nodiscard]] Result<void> pause(Duration duration) override;

private:
    const Interrupts& interrupts_;
};

} // namespace tessera::tess
