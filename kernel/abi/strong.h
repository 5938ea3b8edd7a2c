// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Strong scalars: numbers of different kinds do not mix. Arithmetic only where it has a meaning.

#include <compare>
#include <cstddef>
#include <cstdint>

namespace tessera {

inline constexpr std::uint64_t page_bytes = 4096;
inline constexpr std::uint64_t large_page_bytes = 2 * 1024 * 1024;

template <class Tag, class Raw = std::uint64_t> struct Address {
    Raw value = 0;

    constexpr auto operator<=>(const Address&) const = default;
    constexpr Address operator+(std::uint64_t bytes) const { return {value + bytes}; }
    constexpr Address operator-(std::uint64_t bytes) const { return {value - bytes}; }
    constexpr std::uint64_t operator-(Address other) const { return value - other.value; }
    constexpr Address page() const { return {value & ~(page_bytes - 1)}; }
    constexpr Address page_up() const { return {(value + page_bytes - 1) & ~(page_bytes - 1)}; }
    constexpr std::uint64_t page_offset() const { return value & (page_bytes - 1); }
    constexpr bool page_aligned() const { return page_offset() == 0; }
};

using PhysicalAddress = Address<struct PhysicalTag>;
using VirtualAddress = Address<struct VirtualTag>; // of user space

template <class Tag, class Raw = std::uint64_t> struct Scalar {
    Raw value = 0;
    constexpr auto operator<=>(const Scalar&) const = default;
};

using Nanoseconds = Scalar<struct NanosecondsTag>; // since the kernel's entry, or a duration
using Ticks = Scalar<struct TicksTag>;             // of the time-stamp counter
using InterruptLine = Scalar<struct InterruptLineTag, std::uint32_t>;
using IoPort = Scalar<struct IoPortTag, std::uint16_t>;
using ServiceId = Scalar<struct ServiceIdTag, std::uint8_t>; // 1..63 by label, stable over restarts; 0 = user processes

constexpr std::uint64_t pages_for(std::uint64_t bytes) { return (bytes + page_bytes - 1) / page_bytes; }

} // namespace tessera
