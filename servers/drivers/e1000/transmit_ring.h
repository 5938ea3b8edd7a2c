// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Frames on their way out.

#include "servers/drivers/e1000/dma_area.h"
#include "servers/drivers/e1000/registers.h"

namespace tessera::e1000 {

class TransmitRing {
public:
    TransmitRing(Registers& registers, DeviceMemory memory) : registers_(registers), memory_(memory) {}

    // Every descriptor free, the device's view set. While transmitting is off.
    void set_up();

    // Where the next frame is to be written, or null when the ring is full.
    protocol::ethernet::Frame* free_frame();
    // The frame that free_frame named is complete and so long (a valid length). It is sent with `send`.
    void add(std::uint32_t bytes);
    void send();

private:
    void reclaim();

    Registers& registers_;
    DeviceMemory memory_;
    std::uint32_t next_ = 0;  // descriptor of the next frame
    std::uint32_t first_ = 0; // oldest descriptor that the device may still read
    std::uint32_t added_ = 0; // frames since the last send
};

} // namespace tessera::e1000
