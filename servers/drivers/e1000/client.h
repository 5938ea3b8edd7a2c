// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The client's rings, seen from the driver: memory of another process, read and written by copies that can fail.

#include "kernel/abi/result.h"
#include "servers/protocols/ethernet.h"
#include <cstddef>
#include <span>

namespace tessera::e1000 {

// Copies from and to the EthernetRings that the client granted.
class ClientMemory {
public:
    virtual Completion read(std::size_t offset, std::span<std::byte> to) = 0;
    virtual Completion write(std::size_t offset, std::span<const std::byte> from) = 0;

protected:
    ~ClientMemory() = default;
};

// One direction, with the driver's own idea of its index: the client cannot move it.
class ClientRing {
public:
    // `ring_offset`: of the Ring in EthernetRings.
    ClientRing(ClientMemory& memory, std::size_t ring_offset) : memory_(memory), offset_(ring_offset) {}

    // Takes up the indices that are in the memory now.
    Completion attach();

    // As consumer: the length of the next frame, copied to `to`; 0 when there is none, or when it was too long and was
    // skipped.
    Result<std::size_t> take(std::span<std::byte> to);
    // As producer: no_space when the ring is full.
    Completion put(std::span<const std::byte> frame);

    // Whether a frame waits for the consumer.
    Result<bool> occupied();

private:
    std::size_t frame_offset(std::uint32_t index) const;
    Result<std::uint32_t> load(std::size_t member);
    Completion store(std::size_t member, std::uint32_t value);

    ClientMemory& memory_;
    std::size_t offset_;
    std::uint32_t produced_ = 0;
    std::uint32_t consumed_ = 0;
};

} // namespace tessera::e1000
