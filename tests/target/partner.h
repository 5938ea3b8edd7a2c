// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Waiting for a partner: until it is where a test needs it, or for its end.

#include "kernel/abi/calls/processes.h"
#include "kernel/abi/process.h"
#include "servers/runtime/clock.h"
#include "servers/runtime/kernel.h"
#include "tests/target/check.h"

namespace tessera::target {

inline bool is_blocked_by(Endpoint partner, Blocker blocker, Place place = Place::current()) {
    ProcessInformation information;
    require_value(kernel_call<kernel_calls::ProcessRead>(
        {.slot = partner.slot(), .address = {reinterpret_cast<std::uint64_t>(&information)}}));
    require(information.endpoint == partner, "the partner is in its slot", place);
    return (information.blockers & static_cast<std::uint32_t>(blocker)) != 0;
}

// However long it takes: pages that it needs may have to come first.
inline void wait_until_blocked_by(Endpoint partner, Blocker blocker, Place place = Place::current()) {
    const Nanoseconds deadline = now() + milliseconds(2000);
    while (!is_blocked_by(partner, blocker, place)) {
        require(now() < deadline, "the partner is blocked", place);
        (void)sleep_for(milliseconds(1));
    }
}

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
