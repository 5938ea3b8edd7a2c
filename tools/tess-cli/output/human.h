// SPDX-License-Identifier: BSD-3-Clause
// Numbers in the units that people read.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace tessera::tess {

/// "512 B", "4 KiB", "1.5 MiB": at most one decimal, never rounded up to the next unit's 1024.
[[nodiscard]] std::string human_size(std::uint64_t bytes);

/// "1,234,567".
[[nodiscard]] std::string grouped(std::uint64_t number);

/// "250 ns", "12.3 ms", "4.567 s", "2 min 03 s", "5 h 02 min 03 s", "3 d 04 h 05 min".
[[nodiscard]] std::string human_duration(std::chrono::nanoseconds duration);

/// "12.345678": seconds since the start of the system, as logs are stamped.
[[nodiscard]] std::string seconds_stamp(std::chrono::nanoseconds since_start);

} // namespace tessera::tess
