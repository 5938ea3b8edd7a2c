// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// What RS does when something happens.

#include "servers/rs/requests.h"

namespace tessera::rs {

// Whatever goes wrong with one event is logged, and the next one is served.
[[noreturn]] void run_event_loop(Requests& requests, Supervisor& supervisor, const Timers& timers);

} // namespace tessera::rs
