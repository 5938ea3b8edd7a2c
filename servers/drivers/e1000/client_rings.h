// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The two rings in the client's memory, from the driver's side. The driver's own index of a ring is kept here and never
// read back; the client's index is read once a batch and checked. Any failed copy means that the client is lost.

#include "servers/drivers/e1000/clients.h"
#include "servers/drivers/e1000/frames.h"

namespace tessera::e1000 {

// The receive ring: the driver produces.
class FramesToClient {
public:
    FramesToClient(Clients& clients, Attachment client) : clients_(clients), client_(client) {}

    // Goes on where a predecessor stopped, if the indices make sense; else the ring is made empty.
    Completion attach();

    // Copies a frame (length and data) in. no_space: the ring is full; it stays with the caller.
    Completion put(std::span<const std::byte> frame);
    // Lets the client see what was put.
    Completion publish();
    bool unpublished() const { return produced_ != published_; }

private:
    Clients& clients_;
    Attachment client_;
    std::uint32_t produced_ = 0;
    std::uint32_t published_ = 0;
    std::uint32_t consumed_ = 0; // the client's index as it was when last read
};

enum class Producer : std::uint8_t { goes_on, may_wait };

// The transmit ring: the client produces.
class FramesFromClient {
public:
    FramesFromClient(Clients& clients, Attachment client) : clients_(clients), client_(client) {}

    // Goes on where a predecessor stopped, if the indices make sense; else what is in the ring is skipped.
    Completion attach();

    // How many frames wait. damaged: the client's index made no sense; the ring was made empty.
    Result<std::uint32_t> waiting();
    // Copies the next frame's data; its length, or 0 for one that is no frame. After it the frame is consumed.
    Result<std::uint32_t> take(Frame& target);
    // Lets the client see what was consumed. may_wait: it found the ring full before, and wants to be told.
    Result<Producer> publish();
    bool unpublished() const { return consumed_ != published_; }

private:
    Result<std::uint32_t> produced();

    Clients& clients_;
    Attachment client_;
    std::uint32_t consumed_ = 0;
    std::uint32_t published_ = 0;
};

} // namespace tessera::e1000
