// SPDX-License-Identifier: BSD-3-Clause
// Services as service.list shows them.
#pragma once

#include "tools/tess-cli/session.h"

#include <cstdint>
#include <optional>
#include <string>

namespace tessera::tess {

struct ServiceView {
    std::string label;
    std::optional<std::uint64_t> endpoint; ///< none while it is being started
    std::string state;
    std::uint64_t restarts = 0;
    std::string last_reason;

    [[nodiscard]] bool is_running() const { return state == "running" && endpoint.has_value(); }
    /// RS will not start it again by itself.
    [[nodiscard]] bool is_given_up() const { return state == "failed" || state == "stopped"; }
};

/// The service in the result of service.list; refused when it is not there, with the labels that are.
[[nodiscard]] Result<ServiceView> find_service(const Json& list, const std::string& label);

[[nodiscard]] Tone tone_of_service_state(std::string_view state);

} // namespace tessera::tess
