// SPDX-License-Identifier: BSD-3-Clause
// SIGINT as something that every wait of the program also waits for, so that it cannot be missed.
#pragma once

#include "tools/tess-cli/client/clock.h"
#include "tools/tess-cli/client/failure.h"
#include "tools/tess-cli/client/file_descriptor.h"

namespace tessera::tess {

enum class Readiness { ready, deadline };

class Interrupts {
public:
    /// Waits are never interrupted. For tests and for programs with a signal policy of their own.
    Interrupts() = default;

    /// Takes SIGINT over for the whole process. A second signal ends the process at once, should the first one
    /// find the program outside a wait.
    [[nodiscard]] static Interrupts of_this_process();

    /// Waits until `descriptor` (or -1 for none) has one of the poll(2) `events`, or the deadline is over.
    [[nodiscard]] Result<Readiness> wait(int descriptor, short events, Instant deadline) const;

private:
    explicit Interrupts(FileDescriptor signals) : signals_{std::move(signals)} {}

    FileDescriptor signals_;
};

} // namespace tessera::tess
