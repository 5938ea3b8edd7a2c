// SPDX-License-Identifier: BSD-3-Clause
#include "servers/rs/backoff.h"
#include <algorithm>

namespace tessera::rs {

std::optional<Nanoseconds> Backoff::after_death(Nanoseconds now) {
    if (ready_since_ && now.value - ready_since_->value >= healthy_life.value) deaths_in_a_row_ = 0;
    const bool was_ready = ready_since_.has_value();
    ready_since_.reset();
    if (was_ready)
        deaths_before_ready_.clear();
    else if (dies_too_often(now))
        return std::nullopt;

    if (deaths_in_a_row_++ == 0) return Nanoseconds{0};
    constexpr std::uint32_t doublings_limit = 16; // more would pass longest_delay, whatever the first delay
    const std::uint32_t doublings = std::min(deaths_in_a_row_ - 2, doublings_limit);
    return std::min(Nanoseconds{restart_.backoff.value << doublings}, longest_delay);
}

bool Backoff::dies_too_often(Nanoseconds now) {
    if (!restart_.give_up) return false;
    deaths_before_ready_.push_back(now);
    if (deaths_before_ready_.size() > restart_.give_up->deaths) deaths_before_ready_.pop_front();
    return deaths_before_ready_.size() == restart_.give_up->deaths &&
           now.value - deaths_before_ready_.front().value <= restart_.give_up->within.value;
}

void Backoff::reset() { *this = Backoff(restart_); }

} // namespace tessera::rs
