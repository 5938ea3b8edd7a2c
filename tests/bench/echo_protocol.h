// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Between bench and bench_echo: every message comes back as it was sent, but for these requests in word 0.

#include <cstddef>
#include <cstdint>

namespace tessera::bench {

inline constexpr std::uint64_t request_wake_time = ~0ull; // answer, word 0: counter when the last notification arrived
inline constexpr std::uint64_t request_grant =
    ~0ull - 1; // answer, word 0: a grant of shared_bytes to read, write and map

inline constexpr std::size_t shared_bytes = 4 * 1024 * 1024;

} // namespace tessera::bench
