// SPDX-License-Identifier: BSD-3-Clause
#include "netmgmt/network/network_interface.h"

#include <lwip/dhcp.h>
#include <lwip/etharp.h>
#include <lwip/ethip6.h>
#include <lwip/init.h>
#include <lwip/pbuf.h>
#include <netif/ethernet.h>

namespace tessera::netmgmt {

NetworkInterface::NetworkInterface(EthernetPort& port, const Clock& clock, const FixedAddress& fallback)
    : port_(port),
      clock_(clock),
      fallback_(fallback),
      started_(clock.now()) {
    netif_add(&interface_, nullptr, nullptr, nullptr, this, initialise, ethernet_input);
    netif_set_default(&interface_);
    netif_set_hostname(&interface_, "tessera");
    netif_create_ip6_linklocal_address(&interface_, 1);
    netif_set_ip6_autoconfig_enabled(&interface_, 1);
    netif_set_up(&interface_);
    if (port_.link_up()) netif_set_link_up(&interface_);
    dhcp_start(&interface_);
}

NetworkInterface::~NetworkInterface() {
    if (!fixed_) dhcp_stop(&interface_);
    dhcp_cleanup(&interface_);
    netif_remove(&interface_);
}

err_t NetworkInterface::initialise(netif* interface) {
    const auto& self = *static_cast<NetworkInterface*>(interface->state);
    const MacAddress mac = self.port_.mac_address();
    std::copy(mac.begin(), mac.end(), interface->hwaddr);
    interface->hwaddr_len = mac.size();
    interface->name[0] = 'e';
    interface->name[1] = 'n';
    interface->mtu = 1500;
    interface->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET | NETIF_FLAG_MLD6;
    interface->output = etharp_output;
    interface->output_ip6 = ethip6_output;
    interface->linkoutput = transmit;
    return ERR_OK;
}

err_t NetworkInterface::transmit(netif* interface, pbuf* frame) {
    auto& self = *static_cast<NetworkInterface*>(interface->state);
    std::array<std::uint8_t, longest_frame> flat;
    if (frame->tot_len > flat.size()) return ERR_BUF;
    const u16_t length = pbuf_copy_partial(frame, flat.data(), frame->tot_len, 0);
    return self.port_.send(std::span(flat).first(length)) == FrameSent::sent ? ERR_OK : ERR_WOULDBLOCK;
}

bool NetworkInterface::poll() {
    std::array<std::uint8_t, longest_frame> frame;
    for (int i = 0; i < burst; ++i) {
        const std::size_t length = port_.receive(frame);
        if (length == 0) return false;
        pbuf* const buffer = pbuf_alloc(PBUF_RAW, static_cast<u16_t>(length), PBUF_RAM);
        if (buffer == nullptr) return false; // no memory: the frame is lost, as on a busy network
        pbuf_take(buffer, frame.data(), static_cast<u16_t>(length));
        if (interface_.input(buffer, &interface_) != ERR_OK) pbuf_free(buffer);
    }
    return true;
}

void NetworkInterface::maintain() {
    const bool up = netif_is_link_up(&interface_) != 0;
    if (port_.link_up() && !up) netif_set_link_up(&interface_);
    if (!port_.link_up() && up) netif_set_link_down(&interface_);
    if (!fixed_ && !has_address() && clock_.now() - started_ > dhcp_patience) give_up_on_dhcp();
}

void NetworkInterface::give_up_on_dhcp() {
    dhcp_stop(&interface_);
    ip4_addr_t address, mask, gateway;
    ip4addr_aton(fallback_.address, &address);
    ip4addr_aton(fallback_.mask, &mask);
    ip4addr_aton(fallback_.gateway, &gateway);
    netif_set_addr(&interface_, &address, &mask, &gateway);
    fixed_ = true;
}

bool NetworkInterface::has_address() const { return !ip4_addr_isany_val(*netif_ip4_addr(&interface_)); }

std::string NetworkInterface::address() const {
    std::array<char, IP4ADDR_STRLEN_MAX> text{};
    ip4addr_ntoa_r(netif_ip4_addr(&interface_), text.data(), text.size());
    return text.data();
}

} // namespace tessera::netmgmt
