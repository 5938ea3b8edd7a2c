// SPDX-License-Identifier: BSD-3-Clause
// What lwIP asks of its platform, in the guest.

#include "servers/runtime/clock.h"
#include "servers/runtime/log_format.h"

#include <arch/cc.h>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <lwip/sys.h>
#include <sys/random.h>

using namespace tessera;

extern "C" {

u32_t sys_now() { return static_cast<u32_t>(now().value / 1'000'000); }

std::uint32_t tessera_lwip_random() {
    std::uint32_t number = 0;
    if (getrandom(&number, sizeof(number), 0) != sizeof(number)) abort();
    return number;
}

void tessera_lwip_assert(const char* message, const char* file, int line) {
    log_error("lwIP: {} ({}:{})", message, file, line);
    abort();
}

void tessera_lwip_diagnostic(const char* format, ...) {
    std::array<char, log_text_limit> text{};
    va_list arguments;
    va_start(arguments, format);
    std::vsnprintf(text.data(), text.size(), format, arguments);
    va_end(arguments);
    log_line(LogLevel::info, text.data());
}
}
