// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Waiting for the end of a partner.

#include "servers/runtime/kernel.h"
#include "tests/target/check.h"

namespace tessera::target {

// What it still has to say, notifications above all, is let by.
inline void wait_for_death(Endpoint partner, Place place = Place::current()) {
    constexpr int patience = 100;
    for (int i = 0; i < patience; ++i) {
        const auto received = receive(partner);
        if (received.has_value()) continue;
        return require_status(received.error(), Status::dead_endpoint, "the partner's end", place);
    }
    fail("it talks and does not die", place);
}

} // namespace tessera::target
