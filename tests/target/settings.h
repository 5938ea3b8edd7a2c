// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// What the boot command line says of the tests: which run, and how much of those that have a long form.

#include <cstdint>
#include <string>

namespace tessera::target {

struct Settings {
    std::string only;                         // target_only=PREFIX: of the names of tests; empty: all
    std::uint64_t safeperf_rounds = 2;        // safeperf_rounds=N
    std::uint64_t random_grants_steps = 3000; // random_grants_steps=N
    std::uint64_t random_grants_seed = 1;     // random_grants_seed=N
};

Settings read_settings();

} // namespace tessera::target
