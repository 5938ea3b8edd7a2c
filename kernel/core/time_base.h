// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Nanoseconds since the kernel's entry, from the time-stamp counter.

#include "kernel/abi/clock_page.h"
#include "kernel/arch/contract/machine.h"

namespace tessera::kernel {

class TimeBase {
public:
    TimeBase(Ticks at_entry, std::uint64_t ticks_per_second)
        : page_(ClockPage::of(at_entry, ticks_per_second)),
          ticks_per_nanosecond_((ticks_per_second << inverse_fraction_bits) / 1'000'000'000) {}

    Nanoseconds now() const { return page_.time_at(arch::counter()); }
    // The ticks of a duration of at most an hour; too few by a part in ten million at most, and one.
    Ticks ticks_of(Nanoseconds duration) const {
        const auto scaled = static_cast<unsigned __int128>(duration.value) * ticks_per_nanosecond_;
        return {static_cast<std::uint64_t>(scaled >> inverse_fraction_bits)};
    }
    // What processes reckon with.
    const ClockPage& page() const { return page_; }

private:
    static constexpr int inverse_fraction_bits = 28; // a rate of 68 GHz still fits

    ClockPage page_;
    std::uint64_t ticks_per_nanosecond_; // fixed point
};

} // namespace tessera::kernel
