// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// lwIP as a whole: one a program, with its timers.

#include <chrono>

namespace tessera::netmgmt {

void initialise_stack();
/// Runs the timers that are due.
void run_stack_timers();
/// Until the next one is.
[[nodiscard]] std::chrono::milliseconds time_to_next_stack_timer();

} // namespace tessera::netmgmt
