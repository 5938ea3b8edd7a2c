// SPDX-License-Identifier: BSD-3-Clause
#include "netmgmt/network/stack.h"

#include <lwip/init.h>
#include <lwip/timeouts.h>

namespace tessera::netmgmt {

void initialise_stack() { lwip_init(); }

void run_stack_timers() { sys_check_timeouts(); }

std::chrono::milliseconds time_to_next_stack_timer() { return std::chrono::milliseconds(sys_timeouts_sleeptime()); }

} // namespace tessera::netmgmt
