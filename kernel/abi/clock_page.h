// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// What it takes to make the time since boot out of the time-stamp counter. The kernel reckons with it, and every
// process finds it, read-only, at user_layout::clock. It does not change after the first process was started, so that a
// reader needs no lock.

#include "kernel/abi/strong.h"

namespace tessera {

struct ClockPage {
    static constexpr unsigned fraction_bits = 32;

    Ticks at_entry{}; // counter when the kernel was entered
    std::uint64_t ticks_per_second = 0;
    std::uint64_t nanoseconds_per_tick = 0; // fixed point

    static constexpr ClockPage of(Ticks at_entry, std::uint64_t ticks_per_second) {
        return {at_entry, ticks_per_second, (1'000'000'000ull << fraction_bits) / ticks_per_second};
    }
    constexpr Nanoseconds time_at(Ticks counter) const {
        const auto scaled = static_cast<unsigned __int128>(counter.value - at_entry.value) * nanoseconds_per_tick;
        return {static_cast<std::uint64_t>(scaled >> fraction_bits)};
    }
};

} // namespace tessera
