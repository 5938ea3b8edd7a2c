// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The driver as a server: the protocol, interrupts and doorbells.

#include "servers/drivers/e1000/driver.h"
#include "servers/drivers/e1000/published_statistics.h"
#include "servers/runtime/server.h"

namespace tessera::e1000 {

class Service {
public:
    Service(Driver& driver, MacAddress address, InterruptLine line, PublishedStatistics& published)
        : driver_(driver),
          address_(address),
          line_(line),
          published_(published),
          link_up_(driver.link_up()) {}

    // Lets the next interrupt in.
    void enable_interrupt();
    void publish_statistics();

    template <class Reply> using Outcome = runtime::Outcome<Reply>;
    Outcome<protocol::ethernet::Open::Reply> handle(protocol::ethernet::Open,
                                                    const protocol::ethernet::Open::Request& request, Endpoint caller);
    Outcome<protocol::ethernet::Statistics::Reply> handle(protocol::ethernet::Statistics, const protocol::Nothing&,
                                                          Endpoint caller);

    void notified(Endpoint source, const NotificationMessage&);

private:
    void report_changes();

    Driver& driver_;
    MacAddress address_;
    InterruptLine line_;
    PublishedStatistics& published_;
    bool link_up_;
    Endpoint client_; // as it was reported
};

} // namespace tessera::e1000
