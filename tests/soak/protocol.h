// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// What the service tells the program: the words of its one message.

#include <cstdint>

namespace tessera::soak {

struct Order {
    std::uint64_t seed = 1;
    std::uint64_t seconds = 60;
};

} // namespace tessera::soak
