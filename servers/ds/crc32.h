// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// CRC-32 as in zlib and Ethernet: reflected polynomial 0xedb88320, all ones before and inverted after.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace tessera::ds {

class Crc32 {
public:
    constexpr Crc32& add(std::span<const std::byte> bytes) {
        for (const std::byte byte : bytes)
            state_ = state_ >> 8 ^ table[(state_ ^ std::to_integer<std::uint32_t>(byte)) & 0xff];
        return *this;
    }
    constexpr std::uint32_t value() const { return ~state_; }

private:
    static constexpr std::array<std::uint32_t, 256> table = [] {
        std::array<std::uint32_t, 256> remainders{};
        for (std::uint32_t byte = 0; byte < remainders.size(); ++byte) {
            std::uint32_t remainder = byte;
            for (int bit = 0; bit < 8; ++bit) remainder = remainder >> 1 ^ ((remainder & 1) != 0 ? 0xedb8'8320u : 0u);
            remainders[byte] = remainder;
        }
        return remainders;
    }();

    std::uint32_t state_ = ~0u;
};

} // namespace tessera::ds
