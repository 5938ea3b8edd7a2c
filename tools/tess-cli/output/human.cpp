// SPDX-License-Identifier: BSD-3-Clause
#include "tools/tess-cli/output/human.h"

#include <array>
#include <format>
#include <string_view>

namespace tessera::tess {

std::string human_size(std::uint64_t bytes) {
    constexpr std::array<std::string_view, 7> units{"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    std::size_t unit = 0;
    std::uint64_t whole = bytes;
    std::uint64_t rest = 0; // of 1024, below `whole`
    while (whole >= 1024) {
        rest = whole % 1024;
        whole /= 1024;
        ++unit;
    }
    const auto tenths = rest * 10 / 1024;
    if (tenths == 0) return std::format("{} {}", whole, units[unit]);
    return std::format("{}.{} {}", whole, tenths, units[unit]);
}

std::string grouped(std::uint64_t number) {
    std::string digits = std::to_string(number);
    for (std::size_t place = digits.size(); place > 3; place -= 3) digits.insert(place - 3, ",");
    return digits;
}

std::string human_duration(std::chrono::nanoseconds duration) {
    using namespace std::chrono;
    if (duration < 0ns) return "before it began";
    if (duration < 1us) return std::format("{} ns", duration.count());
    if (duration < 1ms) return std::format("{:.1f} us", static_cast<double>(duration.count()) / 1e3);
    if (duration < 1s) return std::format("{:.1f} ms", static_cast<double>(duration.count()) / 1e6);
    if (duration < 60s) return std::format("{:.3f} s", static_cast<double>(duration.count()) / 1e9);
    const auto total = duration_cast<seconds>(duration).count();
    const auto second = total % 60;
    const auto minute = total / 60 % 60;
    const auto hour = total / 3600;
    if (hour == 0) return std::format("{} min {:02} s", minute, second);
    if (hour < 24) return std::format("{} h {:02} min {:02} s", hour, minute, second);
    return std::format("{} d {:02} h {:02} min", hour / 24, hour % 24, minute);
}

std::string seconds_stamp(std::chrono::nanoseconds since_start) {
    const auto microseconds = since_start.count() / 1000;
    return std::format("{}.{:06}", microseconds / 1'000'000, microseconds % 1'000'000);
}

} // namespace tessera::tess
