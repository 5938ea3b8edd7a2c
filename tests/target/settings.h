// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// What the boot command line says of the tests: which run, and how much of those that have a long form.

#include <cstdint>
#include <string>

namespace tessera::target {

struct Settings {
    std::string only;                  // target_only=PREFIX: of the names of tests; empty: all
    std::uint64_t safeperf_rounds = 2; // safeperf_rounds=N
};

Settings read_settings();

} // namespace tessera::target
