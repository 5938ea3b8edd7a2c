// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The frames that the device has received, oldest first.

#include "servers/drivers/e1000/dma_area.h"
#include "servers/drivers/e1000/registers.h"
#include <optional>
#include <span>

namespace tessera::e1000 {

enum class FrameState : std::uint8_t {
    good,
    bad // the device reported an error, or it is a piece of a frame, or too short or too long for one
};

struct ReceivedFrame {
    FrameState state = FrameState::bad;
    // The length as 32 bits and the data after it: the beginning of a protocol::ethernet::Frame. Empty for a bad one.
    std::span<const std::byte> frame{};
};

class ReceiveRing {
public:
    ReceiveRing(Registers& registers, DeviceMemory memory) : registers_(registers), memory_(memory) {}

    // Every descriptor empty, the device's view set. While receiving is off.
    void set_up();

    // The oldest frame; it stays until `release`.
    std::optional<ReceivedFrame> oldest();
    // Done with the oldest frame; its buffer goes back to the device with `return_buffers`.
    void release();
    void return_buffers();

private:
    Registers& registers_;
    DeviceMemory memory_;
    std::uint32_t next_ = 0;     // descriptor of the oldest frame
    bool continues_ = false;     // the descriptor before `next_` was not the end of its packet
    std::uint32_t released_ = 0; // descriptors since the last return_buffers
};

} // namespace tessera::e1000
