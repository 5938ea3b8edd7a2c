// SPDX-License-Identifier: BSD-3-Clause
#include "tools/tess-cli/client/clock.h"

#include "tools/tess-cli/client/interrupts.h"

namespace tessera::tess {

Result<void> SystemClock::pause(Duration duration) {
    const auto waited = interrupts_.wait(-1, 0, now() + duration);
    if (!waited) return Failed{waited.error()};
    return {};
}

} // namespace tessera::tess
