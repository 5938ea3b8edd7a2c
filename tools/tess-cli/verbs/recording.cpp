// SPDX-License-Identifier: BSD-3-Clause
#include "tools/tess-cli/verbs/recording.h"

#include "tools/tess-cli/output/json_view.h"

#include <algorithm>

namespace tessera::tess {

namespace {

using namespace std::chrono_literals;

constexpr Duration look_interval = 100ms;

using Look = std::function<Result<void>(std::uint64_t)>;

Result<void> look_until_over(Session& session, std::optional<Instant> end, std::uint64_t first, const Look& look) {
    for (;;) {
        const Duration left = end ? *end - session.clock().now() : look_interval;
        if (left <= 0s) return {};
        const auto paused = session.clock().pause(std::min(left, look_interval));
        if (!paused) return paused;
        const auto looked = look(first);
        if (!looked) return looked;
    }
}

} // namespace

Result<void> record(Session& session, const Recording& recording, const Look& look) {
    const auto started = session.call("trace.start", recording.parameters);
    if (!started) return Failed{started.error()};
    const std::uint64_t first = number(*started, "next_sequence").value_or(0);
    std::optional<Instant> end;
    if (recording.seconds) {
        end = session.clock().now() +
              std::chrono::duration_cast<Duration>(std::chrono::duration<double>{*recording.seconds});
    }
    const auto outcome = look_until_over(session, end, first, look);
    const auto stopped = session.call("trace.stop");
    if (!outcome) return outcome;
    if (!stopped) return Failed{stopped.error()};
    return look(first);
}

} // namespace tessera::tess
