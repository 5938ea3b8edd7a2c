// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// log_info("mapped {} pages", count) and its kin, for hosted programs. The line is built in a fixed buffer, no heap.

#include "servers/runtime/log.h"
#include <array>
#include <format>

namespace tessera {

template <class... Arguments>
void log_format(LogLevel level, std::format_string<Arguments...> format, Arguments&&... arguments) {
    std::array<char, log_text_limit> line;
    const auto result = std::format_to_n(line.data(), line.size(), format, std::forward<Arguments>(arguments)...);
    log_line(level, {line.data(), static_cast<std::size_t>(result.out - line.data())});
}

template <class... Arguments> void log_debug(std::format_string<Arguments...> format, Arguments&&... arguments) {
    log_format(LogLevel::debug, format, std::forward<Arguments>(arguments)...);
}
template <class... Arguments> void log_info(std::format_string<Arguments...> format, Arguments&&... arguments) {
    log_format(LogLevel::info, format, std::forward<Arguments>(arguments)...);
}
template <class... Arguments> void log_warning(std::format_string<Arguments...> format, Arguments&&... arguments) {
    log_format(LogLevel::warning, format, std::forward<Arguments>(arguments)...);
}
template <class... Arguments> void log_error(std::format_string<Arguments...> format, Arguments&&... arguments) {
    log_format(LogLevel::error, format, std::forward<Arguments>(arguments)...);
}

} // namespace tessera
