// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// What lwIP asks of its platform, in tests: the time of a clock that the test turns, numbers that repeat.

#include "netmgmt/session/clock.h"

namespace tessera::netmgmt::test {

/// lwIP reads this clock from now on; it must outlive its use.
void use_clock_for_lwip(const Clock& clock);

} // namespace tessera::netmgmt::test
