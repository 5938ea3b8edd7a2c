// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Numbers that follow from a seed: a run can be repeated.

#include <cstddef>
#include <cstdint>
#include <iterator>

namespace tessera::guest_fuzz {

// splitmix64: every seed is a good one.
class Random {
public:
    explicit Random(std::uint64_t seed) : state_(seed) {}

    std::uint64_t word() {
        std::uint64_t value = state_ += 0x9e37'79b9'7f4a'7c15;
        value = (value ^ value >> 30) * 0xbf58'476d'1ce4'e5b9;
        value = (value ^ value >> 27) * 0x94d0'49bb'1331'11eb;
        return value ^ value >> 31;
    }
    std::uint64_t below(std::uint64_t limit) { return word() % limit; }
    bool one_in(std::uint64_t count) { return below(count) == 0; }
    template <class Range> const auto& one_of(const Range& range) {
        return *std::next(std::begin(range), static_cast<std::ptrdiff_t>(below(std::size(range))));
    }

private:
    std::uint64_t state_;
};

} // namespace tessera::guest_fuzz
