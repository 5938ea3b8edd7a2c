// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// What carries Ethernet frames: the driver's rings in the guest, a peer in the same program in tests.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace tessera::netmgmt {

using MacAddress = std::array<std::uint8_t, 6>;

/// The longest frame without its check sequence, with a VLAN tag.
inline constexpr std::size_t longest_frame = 1518;

enum class FrameSent : std::uint8_t { sent, dropped };

class EthernetPort {
public:
    [[nodiscard]] virtual MacAddress mac_address() const = 0;
    [[nodiscard]] virtual bool link_up() const = 0;

    /// Copies the next frame that came and gives its length; 0 when none waits.
    [[nodiscard]] virtual std::size_t receive(std::span<std::uint8_t, longest_frame> frame) = 0;
    /// Never waits: a frame that has no room is dropped, as on any Ethernet.
    virtual FrameSent send(std::span<const std::uint8_t> frame) = 0;

protected:
    ~EthernetPort() = default;
};

} // namespace tessera::netmgmt
