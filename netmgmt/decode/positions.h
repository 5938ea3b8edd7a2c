// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Where in the list of all processes something at an address stands: by the slot of the process, then by address.

#include "kernel/abi/strong.h"
#include "netmgmt/view/listing.h"

namespace tessera::netmgmt {

inline constexpr unsigned position_address_bits = 40; // user space ends below 2^39

[[nodiscard]] constexpr Position place_position(std::uint32_t slot, tessera::VirtualAddress address) {
    return {std::uint64_t{slot} << position_address_bits | address.value};
}
[[nodiscard]] constexpr std::uint32_t slot_at(Position position) {
    return static_cast<std::uint32_t>(position.value >> position_address_bits);
}
[[nodiscard]] constexpr tessera::VirtualAddress address_at(Position position) {
    return {position.value & ((std::uint64_t{1} << position_address_bits) - 1)};
}

} // namespace tessera::netmgmt
