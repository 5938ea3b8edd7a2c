// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The memory that the device reads and writes by itself: physically contiguous, and the same one after a restart of the
// driver. What the device writes into it is untrusted.

#include "kernel/abi/strong.h"
#include "servers/protocols/ethernet.h"
#include <array>

namespace tessera::e1000 {

inline constexpr std::uint32_t ring_descriptors = 64; // a multiple of 8, section 3.2.6
inline constexpr std::uint32_t receive_buffer_bytes = 2048;

struct ReceiveDescriptor { // section 3.2.3
    std::uint64_t buffer = 0;
    std::uint16_t bytes = 0;
    std::uint16_t checksum = 0;
    std::uint8_t status = 0;
    std::uint8_t errors = 0;
    std::uint16_t special = 0;
};
static_assert(sizeof(ReceiveDescriptor) == 16);

namespace receive_status {
inline constexpr std::uint8_t done = 1u << 0;
inline constexpr std::uint8_t end_of_packet = 1u << 1;
} // namespace receive_status

struct TransmitDescriptor { // section 3.3.3, legacy format
    std::uint64_t buffer = 0;
    std::uint16_t bytes = 0;
    std::uint8_t checksum_offset = 0;
    std::uint8_t command = 0;
    std::uint8_t status = 0;
    std::uint8_t checksum_start = 0;
    std::uint16_t special = 0;
};
static_assert(sizeof(TransmitDescriptor) == 16);

namespace transmit_command {
inline constexpr std::uint8_t end_of_packet = 1u << 0;
inline constexpr std::uint8_t insert_check_sequence = 1u << 1;
inline constexpr std::uint8_t report_status = 1u << 3;
} // namespace transmit_command

namespace transmit_status {
inline constexpr std::uint8_t done = 1u << 0;
}

// The driver writes the length before the data: from `bytes` on it is a protocol::ethernet::Frame.
struct ReceiveBuffer {
    std::array<std::uint8_t, 60> gap;
    std::uint32_t bytes;
    std::array<std::uint8_t, receive_buffer_bytes> data;
};
static_assert(sizeof(ReceiveBuffer) % 64 == 0);

struct alignas(128) DmaArea {
    std::array<ReceiveDescriptor, ring_descriptors> receive;
    std::array<TransmitDescriptor, ring_descriptors> transmit;
    std::array<ReceiveBuffer, ring_descriptors> received;
    std::array<protocol::ethernet::Frame, ring_descriptors> transmitted;
};

// A DmaArea and where the device sees it.
class DeviceMemory {
public:
    DeviceMemory(DmaArea& area, PhysicalAddress base) : area_(area), base_(base) {}

    DmaArea& area() { return area_; }
    template <class Part> PhysicalAddress address_of(const Part& part) const {
        return base_ + static_cast<std::uint64_t>(reinterpret_cast<const std::byte*>(&part) -
                                                  reinterpret_cast<const std::byte*>(&area_));
    }

private:
    DmaArea& area_;
    PhysicalAddress base_; // below 4 GiB
};

} // namespace tessera::e1000
