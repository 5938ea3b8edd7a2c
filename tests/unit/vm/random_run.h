// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// How many random operations are compared with a reference model: in every run, and in the hidden tests `[long]`.
// TESSERA_SEED chooses the sequence.

#include <cstdint>
#include <cstdlib>

namespace tessera::tests {

inline constexpr int short_run = 200'000;
inline constexpr int long_run = 1'000'000;

inline std::uint32_t seed_or(std::uint32_t usual) {
    const char* chosen = std::getenv("TESSERA_SEED");
    return chosen == nullptr ? usual : static_cast<std::uint32_t>(std::strtoul(chosen, nullptr, 0));
}

} // namespace tessera::tests
