// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Nanoseconds since the kernel's entry, from the time-stamp counter.

#include "kernel/abi/strong.h"
#include "kernel/arch/contract/machine.h"

namespace tessera::kernel {

class TimeBase {
public:
    TimeBase(Ticks at_entry, std::uint64_t ticks_per_second)
        : at_entry_(at_entry),
          ticks_per_second_(ticks_per_second),
          nanoseconds_per_tick_((second << fraction_bits) / ticks_per_second),
          ticks_per_nanosecond_((ticks_per_second << inverse_fraction_bits) / second) {}

    Nanoseconds now() const {
        const std::uint64_t ticks = arch::counter().value - at_entry_.value;
        const auto scaled = static_cast<unsigned __int128>(ticks) * nanoseconds_per_tick_;
        return {static_cast<std::uint64_t>(scaled >> fraction_bits)};
    }
    // The ticks of a duration of at most an hour, not too few by more than one.
    Ticks ticks_of(Nanoseconds duration) const {
        const auto scaled = static_cast<unsigned __int128>(duration.value) * ticks_per_nanosecond_;
        return {static_cast<std::uint64_t>(scaled >> inverse_fraction_bits)};
    }
    Ticks at_entry() const { return at_entry_; }
    std::uint64_t ticks_per_second() const { return ticks_per_second_; }

private:
    static constexpr std::uint64_t second = 1'000'000'000;
    static constexpr int fraction_bits = 32;
    static constexpr int inverse_fraction_bits = 28; // a rate of 68 GHz still fits

    Ticks at_entry_;
    std::uint64_t ticks_per_second_;
    std::uint64_t nanoseconds_per_tick_; // fixed point
    std::uint64_t ticks_per_nanosecond_; // fixed point
};

} // namespace tessera::kernel
