// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Lines for the system log. Header only, no C library: log_format.h adds formatting for hosted programs.

#include "kernel/abi/calls/time_and_log.h"
#include "servers/runtime/kernel.h"
#include <algorithm>
#include <string_view>

namespace tessera {

// One line; what is over log_text_limit bytes is cut. A process without the right to log loses its lines: logging is
// never a reason to fail.
inline void log_line(LogLevel level, std::string_view text) {
    const auto length = std::min(text.size(), log_text_limit);
    (void)kernel_call<kernel_calls::LogWrite>(
        {.address = {reinterpret_cast<std::uint64_t>(text.data())}, .bytes = length, .level = level});
}

} // namespace tessera
