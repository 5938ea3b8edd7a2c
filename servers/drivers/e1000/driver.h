// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Moves frames between the device and its one client, at interrupts and at the client's doorbell.

#include "servers/drivers/e1000/client_rings.h"
#include "servers/drivers/e1000/controller.h"
#include "servers/drivers/e1000/receive_ring.h"
#include "servers/drivers/e1000/transmit_ring.h"

namespace tessera::e1000 {

class Driver {
public:
    using Statistics = protocol::ethernet::Statistics::Reply;

    // It keeps its statistics where others may see them.
    Driver(Registers& registers, Controller& controller, DeviceMemory memory, Clients& clients, Statistics& statistics)
        : controller_(controller),
          receive_(registers, memory),
          transmit_(registers, memory),
          clients_(clients),
          statistics_(statistics) {}

    // Stops the device, makes the rings and starts it. Errors: those of the controller.
    Result<MacAddress> start();

    // From now on frames go to and come from this client. busy: another one is alive; and the errors of a safecopy: the
    // grant is not good, and what was attached stays.
    Completion open(Attachment attachment);

    // The device's interrupt came: it may be enabled again after this.
    void interrupted();
    // The client's doorbell.
    void rung();

    // none: frames that come are dropped until the next `open`.
    Endpoint client() const { return client_ ? client_->attachment.client : endpoints::none; }
    bool link_up() const { return statistics_.link_up != 0; } // as the device last told

    const Statistics& statistics() const { return statistics_; }

private:
    struct Client {
        Attachment attachment;
        FramesToClient receive;
        FramesFromClient transmit;
    };

    void read_link() { statistics_.link_up = controller_.link_up() ? 1 : 0; }
    void receive_frames();
    Completion deliver(const ReceivedFrame& frame);
    Completion tell_received();
    void transmit_frames();
    Completion take_frames();
    Completion tell_transmitted();

    Controller& controller_;
    ReceiveRing receive_;
    TransmitRing transmit_;
    Clients& clients_;
    std::optional<Client> client_;
    bool waits_for_room_ = false; // the transmit ring was full: the device will interrupt
    Statistics& statistics_;
};

} // namespace tessera::e1000
