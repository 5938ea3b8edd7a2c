// SPDX-License-Identifier: BSD-3-Clause
#include "servers/drivers/e1000/service.h"
#include "kernel/abi/calls/devices.h"
#include "servers/runtime/log_format.h"

namespace tessera::e1000 {

using namespace protocol::ethernet;

void Service::enable_interrupt() {
    const auto enabled = kernel_call<kernel_calls::InterruptEnable>({.line = line_});
    if (!enabled.has_value()) log_error("interrupt {}: {}", line_.value, status_name(enabled.error()));
}

void Service::publish_statistics() {
    const auto published = published_.publish();
    if (!published.has_value()) log_warning("statistics are not in the data store: {}", status_name(published.error()));
}

Service::Outcome<Open::Reply> Service::handle(Open, const Open::Request& request, Endpoint caller) {
    if (const auto opened = driver_.open({.client = caller, .rings = request.rings}); !opened.has_value())
        return opened.error();
    report_changes();
    const bool up = driver_.link_up();
    return Open::Reply{.mac = address_, .link_up = static_cast<std::uint8_t>(up ? 1 : 0), .reserved = 0};
}

Service::Outcome<Statistics::Reply> Service::handle(Statistics, const protocol::Nothing&, Endpoint) {
    return driver_.statistics();
}

void Service::notified(Endpoint source, const NotificationMessage&) {
    if (source == endpoints::hardware) {
        driver_.interrupted();
        enable_interrupt();
    } else if (source == endpoints::clock) {
        publish_statistics();
    } else if (source == driver_.client()) {
        driver_.rung();
    }
    report_changes();
}

void Service::report_changes() {
    if (const Endpoint client = driver_.client(); client != client_) {
        if (client != endpoints::none)
            log_info("opened by {}.{}", client.slot(), client.generation());
        else
            log_info("the client {}.{} is gone", client_.slot(), client_.generation());
        client_ = client;
    }
    if (const bool up = driver_.link_up(); up != link_up_) {
        log_info("link {}", up ? "up" : "down");
        link_up_ = up;
    }
}

} // namespace tessera::e1000
