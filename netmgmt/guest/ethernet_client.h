// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The EthernetPort over the driver's protocol: two rings in our memory, granted to the driver. A driver that died is
// found by its endpoint, and opened again when RS has replaced it.

#include "kernel/abi/process.h"
#include "netmgmt/network/ethernet_port.h"
#include "servers/protocols/ethernet.h"
#include "servers/runtime/clock.h"
#include "servers/runtime/grants.h"

#include <memory>

namespace tessera::netmgmt::guest {

class EthernetClient final : public EthernetPort {
public:
    EthernetClient(runtime::GrantTable& grants, std::string_view driver_label);

    /// Opens the driver when there is none; asks a silent one for a sign of life. To be called with each clock alarm.
    void maintain();
    /// When maintain wants to be called next: sooner while there is no driver.
    [[nodiscard]] Nanoseconds next_deadline() const;

    MacAddress mac_address() const override { return mac_; }
    bool link_up() const override { return driver_ != endpoints::none && link_up_; }
    std::size_t receive(std::span<std::uint8_t, longest_frame> frame) override;
    FrameSent send(std::span<const std::uint8_t> frame) override;

private:
    void open();
    void ring_doorbell();

    runtime::GrantTable& grants_;
    Name label_;
    std::unique_ptr<protocol::ethernet::EthernetRings> rings_;
    runtime::Grant grant_;
    Endpoint driver_;
    MacAddress mac_{};
    bool link_up_ = false;
    Nanoseconds tried_at_{};
};

} // namespace tessera::netmgmt::guest
