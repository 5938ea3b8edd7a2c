// SPDX-License-Identifier: BSD-3-Clause
#include "servers/console/line.h"
#include <algorithm>
#include <format>

namespace tessera::console {

Line::Line(const LogRecord& record, std::string_view source) {
    constexpr std::uint64_t second = 1'000'000;
    const std::uint64_t microseconds = record.time.value / 1000;
    const std::string_view text(record.text.data(), std::min<std::size_t>(record.length, record.text.size()));
    const auto written =
        std::format_to_n(characters_.data(), static_cast<std::ptrdiff_t>(characters_.size()), "[{:4}.{:06}] {}: {}",
                         microseconds / second, microseconds % second, source, text);
    length_ = static_cast<std::size_t>(written.out - characters_.data());
}

} // namespace tessera::console
