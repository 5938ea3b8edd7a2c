// SPDX-License-Identifier: BSD-3-Clause
#include "netmgmt/guest/ethernet_client.h"

#include "servers/protocols/rs.h"
#include "servers/runtime/client.h"
#include "servers/runtime/log_format.h"

#include <algorithm>
#include <atomic>

namespace tessera::netmgmt::guest {

namespace {

using namespace protocol::ethernet;

constexpr Nanoseconds retry_period = milliseconds(20);  // while there is no driver
constexpr Nanoseconds probe_period = milliseconds(250); // a dead driver is noticed after this at the latest

std::uint32_t load(std::uint32_t& index) { return std::atomic_ref(index).load(std::memory_order_acquire); }
void store(std::uint32_t& index, std::uint32_t value) {
    std::atomic_ref(index).store(value, std::memory_order_release);
}

} // namespace

EthernetClient::EthernetClient(runtime::GrantTable& grants, std::string_view driver_label)
    : grants_(grants),
      label_(driver_label),
      rings_(std::make_unique<EthernetRings>()) {
    open();
}

void EthernetClient::open() {
    tried_at_ = now();
    const auto found = runtime::call<protocol::rs::RsProtocol, protocol::rs::Lookup>(
        endpoints::rs, {.label = label_, .wait = protocol::rs::LookupWait::answer_now});
    if (!found.has_value()) return;
    *rings_ = {}; // the predecessor is dead: nobody else writes here
    auto grant = grants_.direct(found->endpoint, GrantRights::read | GrantRights::write | GrantRights::map,
                                std::as_writable_bytes(std::span(rings_.get(), 1)));
    if (!grant.has_value()) return;
    const auto opened = runtime::call<EthernetProtocol, Open>(found->endpoint, {.rings = grant->id()});
    if (!opened.has_value()) return;
    grant_ = *std::move(grant);
    driver_ = found->endpoint;
    mac_ = opened->mac;
    link_up_ = opened->link_up != 0;
    log_info("opened {}, link {}", label_.view(), link_up_ ? "up" : "down");
}

void EthernetClient::maintain() {
    if (driver_ == endpoints::none)
        open();
    else
        ring_doorbell();
}

Nanoseconds EthernetClient::next_deadline() const {
    return driver_ == endpoints::none ? tried_at_ + retry_period : now() + probe_period;
}

void EthernetClient::ring_doorbell() {
    if (notify(driver_).status() != Status::dead_endpoint) return;
    log_warning("{} died", label_.view());
    driver_ = endpoints::none;
    grant_ = {};
}

std::size_t EthernetClient::receive(std::span<std::uint8_t, longest_frame> frame) {
    Ring& ring = rings_->receive;
    const std::uint32_t consumed = ring.consumed;
    if (load(ring.produced) == consumed) return 0;
    const Frame& slot = ring.frames[consumed % ring_slots];
    const std::size_t length = std::min<std::size_t>(slot.bytes, frame.size());
    std::copy_n(slot.data.begin(), length, frame.begin());
    store(ring.consumed, consumed + 1);
    return length;
}

FrameSent EthernetClient::send(std::span<const std::uint8_t> frame) {
    Ring& ring = rings_->transmit;
    const std::uint32_t produced = ring.produced;
    if (driver_ == endpoints::none || produced - load(ring.consumed) >= ring_slots) return FrameSent::dropped;
    Frame& slot = ring.frames[produced % ring_slots];
    slot.bytes = static_cast<std::uint32_t>(std::min<std::size_t>(frame.size(), frame_limit));
    std::copy_n(frame.begin(), slot.bytes, slot.data.begin());
    store(ring.produced, produced + 1);
    ring_doorbell();
    return FrameSent::sent;
}

} // namespace tessera::netmgmt::guest
