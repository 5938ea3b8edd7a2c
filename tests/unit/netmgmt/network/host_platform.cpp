// SPDX-License-Identifier: BSD-3-Clause
#include "tests/unit/netmgmt/network/host_platform.h"

#include <arch/cc.h>
#include <cstdio>
#include <cstdlib>
#include <lwip/sys.h>
#include <random>

namespace {

/// lwIP's hooks are plain functions.
const tessera::netmgmt::Clock* lwip_clock = nullptr;

} // namespace

namespace tessera::netmgmt::test {

void use_clock_for_lwip(const Clock& clock) { lwip_clock = &clock; }

} // namespace tessera::netmgmt::test

extern "C" {

u32_t sys_now() {
    return static_cast<u32_t>(std::chrono::duration_cast<std::chrono::milliseconds>(lwip_clock->now()).count());
}

std::uint32_t tessera_lwip_random() {
    static std::minstd_rand numbers;
    return static_cast<std::uint32_t>(numbers());
}

void tessera_lwip_assert(const char* message, const char* file, int line) {
    std::fprintf(stderr, "lwIP: %s (%s:%d)\n", message, file, line);
    std::abort();
}

void tessera_lwip_diagnostic(const char*, ...) {}
}
