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
          nanoseconds_per_tick_((1'000'000'000ull << fraction_bits) / ticks_per_second) {}

    Nanoseconds now() const {
        const std::uint64_t ticks = arch::counter().value - at_entry_.value;
        const auto scaled = static_cast<unsigned __int128>(ticks) * nanoseconds_per_tick_;
        return {static_cast<std::uint64_t>(scaled >> fraction_bits)};
    }
    Ticks at_entry() const { return at_entry_; }
    std::uint64_t ticks_per_second() const { return ticks_per_second_; }

private:
    static constexpr int fraction_bits = 32;

    Ticks at_entry_;
    std::uint64_t ticks_per_second_;
    std::uint64_t nanoseconds_per_tick_; // fixed point
};

} // namespace tessera::kernel
