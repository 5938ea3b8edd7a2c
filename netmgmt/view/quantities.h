// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Strong types for the numbers in the views. The type of a member decides how JSON shows it.

#include <cstdint>
#include <string_view>

namespace tessera::netmgmt {

/// Shown as a JSON integer: stays below 2^53.
template <class Tag> struct Number {
    std::uint64_t value = 0;
    auto operator<=>(const Number&) const = default;
};

/// Shown as a string of decimal digits: may exceed 2^53, where a double loses units.
template <class Tag> struct Quantity {
    std::uint64_t value = 0;
    auto operator<=>(const Quantity&) const = default;
};

struct PagesTag {
    static constexpr std::string_view unit = "pages";
};
struct EventsTag {
    static constexpr std::string_view unit = "";
};
struct BytesTag {
    static constexpr std::string_view unit = "bytes";
};
struct TicksTag {
    static constexpr std::string_view unit = "ticks of the time-stamp counter";
};
struct NanosecondsTag {
    static constexpr std::string_view unit = "nanoseconds";
};
struct IdentityTag {
    static constexpr std::string_view unit = "";
};
struct SequenceTag {
    static constexpr std::string_view unit = "";
};

using PageCount = Number<PagesTag>;
using ByteNumber = Number<BytesTag>; ///< bytes of something known to be small
using ByteCount = Quantity<BytesTag>;
using Counter = Quantity<EventsTag>; ///< events since boot
using TickCount = Quantity<TicksTag>;
using Nanoseconds = Quantity<NanosecondsTag>;
using Sequence = Quantity<SequenceTag>;
using ObjectIdentity = Quantity<IdentityTag>; ///< of something that has no name; never used twice

/// Slot and generation of a process, packed as the kernel does. Shown as a JSON integer.
struct EndpointNumber {
    std::uint32_t value = 0;
    auto operator<=>(const EndpointNumber&) const = default;
};

/// A virtual or physical address. Shown as a hexadecimal string.
struct Address {
    std::uint64_t value = 0;
    auto operator<=>(const Address&) const = default;
};

} // namespace tessera::netmgmt
