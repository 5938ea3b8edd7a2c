// SPDX-License-Identifier: BSD-3-Clause
#include "netmgmt/guest/identity.h"

#include "netmgmt/guest/build_id.h"

#include <algorithm>
#include <ranges>

namespace tessera::netmgmt::guest {

namespace {

bool has_word(std::string_view line, std::string_view wanted) {
    return std::ranges::any_of(line | std::views::split(' '),
                               [&](auto word) { return std::string_view(word) == wanted; });
}

} // namespace

Identity identity(MachineView& machine) {
    const auto info = machine.info();
    const bool open = info.has_value() && has_word(info->command_line, "mode=open");
    return {.product = "Tessera",
            .version = "0.1.0",
            .protocol = 1,
            .build = build_id,
            .mode = open ? AccessMode::open : AccessMode::locked,
            .features = {"fault.time"}};
}

} // namespace tessera::netmgmt::guest
