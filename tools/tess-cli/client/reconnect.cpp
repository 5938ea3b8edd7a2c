// SPDX-License-Identifier: BSD-3-Clause
#include "tools/tess-cli/client/reconnect.h"

#include <algorithm>

namespace tessera::tess {

namespace {

using namespace std::chrono_literals;

constexpr Duration first_attempt = 250ms;
constexpr Duration longest_attempt = 2s;
constexpr Duration between_attempts = 20ms;

} // namespace

Result<std::unique_ptr<Channel>> connect_until(Connector& connector, Clock& clock, Instant deadline) {
    for (Duration patience = first_attempt;; patience = std::min(patience * 2, longest_attempt)) {
        auto channel = connector.connect(std::min(deadline, clock.now() + patience));
        if (channel || !worth_reconnecting(channel.error()) || clock.now() + between_attempts >= deadline)
            return channel;
        const auto paused = clock.pause(between_attempts);
        if (!paused) return Failed{paused.error()};
    }
}

} // namespace tessera::tess
