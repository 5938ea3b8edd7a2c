// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// When a service that died is started again: at once the first time, later and later when it dies soon after each
// start, never again when it does not even become ready.

#include "servers/configuration/service_configuration.h"
#include <deque>
#include <optional>

namespace tessera::rs {

class Backoff {
public:
    static constexpr Nanoseconds healthy_life{1'000'000'000}; // ready for so long: all is forgotten
    static constexpr Nanoseconds longest_delay{3'000'000'000};

    Backoff() = default;
    explicit Backoff(const configuration::Restart& restart) : restart_(restart) {}

    void became_ready(Nanoseconds now) { ready_since_ = now; }

    // The delay before the next start, or nothing: give up.
    std::optional<Nanoseconds> after_death(Nanoseconds now);

    void reset();

private:
    bool dies_too_often(Nanoseconds now);

    configuration::Restart restart_;
    std::optional<Nanoseconds> ready_since_;
    std::uint32_t deaths_in_a_row_ = 0;
    std::deque<Nanoseconds> deaths_before_ready_; // at most give_up.deaths
};

} // namespace tessera::rs
