// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// What RS's timers are for.

#include "kernel/abi/calls/information.h"
#include "servers/runtime/timers.h"

namespace tessera::rs {

enum class Purpose : std::uint8_t {
    restart,     // subject: index of the service
    heartbeat,   // the same
    start_limit, // the same: the service should be ready by now
    fault,       // subject: number of the fault
    machine_stop // subject: kernel_calls::MachineStop
};

struct Timer {
    Purpose purpose = Purpose::restart;
    std::uint64_t subject = 0;
    bool operator==(const Timer&) const = default;
};

using Timers = runtime::TimerQueue<Timer>;

} // namespace tessera::rs
