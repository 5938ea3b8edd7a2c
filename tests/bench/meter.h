// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Repeats a measurement and prints its figure. Ticks of the time-stamp counter; the cost of reading it is taken off.

#include "servers/runtime/log.h"
#include <algorithm>
#include <cstdint>
#include <format>
#include <string_view>
#include <vector>
#include <x86intrin.h>

namespace tessera::bench {

class Meter {
public:
    Meter() : overhead_(smallest([] {})) {}

    // Runs `operation` for warming up, then `count` times, each measured alone.
    template <class Operation> void run(std::string_view name, std::size_t count, Operation&& operation) const {
        for (std::size_t i = 0; i < warm_up; ++i) operation();
        std::vector<std::uint64_t> samples(count); // touched before the clock runs
        for (std::uint64_t& sample : samples) sample = measure(operation);
        report(name, samples);
    }

    // For measurements that bring their own samples; the overhead is not taken off yet.
    void report(std::string_view name, std::vector<std::uint64_t>& samples) const {
        for (std::uint64_t& sample : samples) sample -= std::min(sample, overhead_);
        std::ranges::sort(samples);
        log_line(LogLevel::info,
                 std::format(R"(BENCH {{"name":"{}","unit":"instructions","min":{},"median":{},"count":{}}})", name,
                             samples.front(), samples[samples.size() / 2], samples.size()));
    }

    // The least that an operation costs.
    template <class Operation> std::uint64_t least(Operation&& operation) const {
        const std::uint64_t measured = smallest(operation);
        return measured - std::min(measured, overhead_);
    }

private:
    static constexpr std::size_t warm_up = 16;

    template <class Operation> static std::uint64_t measure(Operation& operation) {
        const std::uint64_t begin = __rdtsc();
        operation();
        return __rdtsc() - begin;
    }

    template <class Operation> static std::uint64_t smallest(Operation operation) {
        std::uint64_t best = ~0ull;
        for (std::size_t i = 0; i < 100; ++i) best = std::min(best, measure(operation));
        return best;
    }

    std::uint64_t overhead_;
};

} // namespace tessera::bench
