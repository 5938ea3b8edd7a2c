// SPDX-License-Identifier: BSD-3-Clause
// A clock that moves only when it is told to, or when somebody pauses.
#pragma once

#include "tools/tess-cli/client/clock.h"

namespace tessera::tess {

class HandClock final : public Clock {
public:
    [[nodiscard]] Instant now() const override { return now_; }
    [[nodiscard]] Result<void> pause(Duration duration) override {
        if (pauses_left == 0) return interrupted();
        --pauses_left;
        advance(duration);
        return {};
    }
    void advance(Duration duration) { now_ += duration; }

    /// After that many pauses the user presses Ctrl-C.
    unsigned pauses_left = 100'000;

private:
    Instant now_{std::chrono::hours{1}};
};

} // namespace tessera::tess
