// SPDX-License-Identifier: BSD-3-Clause
#include "servers/vm/sanity_level.h"
#include <algorithm>
#include <array>

namespace tessera::vm {
namespace {

constexpr std::array<std::string_view, 4> names{"none", "top", "functions", "detail"};

} // namespace

SanityLevel sanity_level(std::string_view command_line) {
    constexpr std::string_view option = "vm_sanity=";
    SanityLevel level = SanityLevel::none;
    while (!command_line.empty()) {
        const std::size_t end = std::min(command_line.find(' '), command_line.size());
        const std::string_view word = command_line.substr(0, end);
        command_line.remove_prefix(std::min(end + 1, command_line.size()));
        if (!word.starts_with(option)) continue;
        const auto found = std::ranges::find(names, word.substr(option.size()));
        level = found == names.end() ? SanityLevel::none : static_cast<SanityLevel>(found - names.begin());
    }
    return level;
}

std::string_view name_of(SanityLevel level) { return names[static_cast<std::size_t>(level)]; }

} // namespace tessera::vm
