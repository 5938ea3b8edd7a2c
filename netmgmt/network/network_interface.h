// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// lwIP's interface over an EthernetPort, with its addresses: IPv6 link-local and by advertisement, IPv4 by DHCP or,
// when no server answers in time, fixed.

#include "netmgmt/network/ethernet_port.h"
#include "netmgmt/session/clock.h"

#include <lwip/netif.h>
#include <string>

namespace tessera::netmgmt {

/// In network notation, like "10.0.2.15".
struct FixedAddress {
    const char* address = "10.0.2.15";
    const char* mask = "255.255.255.0";
    const char* gateway = "10.0.2.2";
};

class NetworkInterface {
public:
    /// Must outlive all connections over it. There is one: lwIP keeps its state in globals.
    NetworkInterface(EthernetPort& port, const Clock& clock, const FixedAddress& fallback = {});
    ~NetworkInterface();
    NetworkInterface(const NetworkInterface&) = delete;
    NetworkInterface& operator=(const NetworkInterface&) = delete;

    /// Takes in what has arrived, at most `burst` frames at a time; true when there may be more.
    bool poll();
    /// Follows the link, and gives up on DHCP when its time is over.
    void maintain();

    [[nodiscard]] bool has_address() const;
    [[nodiscard]] std::string address() const;

private:
    static constexpr std::chrono::seconds dhcp_patience{3};
    static constexpr int burst = 32;

    static err_t initialise(netif* interface);
    static err_t transmit(netif* interface, pbuf* frame);
    void give_up_on_dhcp();

    EthernetPort& port_;
    const Clock& clock_;
    FixedAddress fallback_;
    std::chrono::nanoseconds started_;
    bool fixed_ = false;
    netif interface_{};
};

} // namespace tessera::netmgmt
