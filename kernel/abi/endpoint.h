// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The address of a process for messages: slot + generation. A slot that is used again gets the next generation, so that
// a message to a dead peer fails with dead_endpoint instead of reaching a stranger.

#include <compare>
#include <cstdint>

namespace tessera {

class Endpoint {
public:
    static constexpr std::uint32_t slot_bits = 12;
    static constexpr std::uint32_t slot_limit = 4080; // slots from here on are special values
    static constexpr std::uint32_t generation_limit = 1u << (32 - slot_bits);

    constexpr Endpoint() = default;
    constexpr Endpoint(std::uint32_t slot, std::uint32_t generation) : value_(generation << slot_bits | slot) {}
    static constexpr Endpoint from_value(std::uint32_t value) {
        Endpoint endpoint;
        endpoint.value_ = value;
        return endpoint;
    }

    constexpr std::uint32_t value() const { return value_; }
    constexpr std::uint32_t slot() const { return value_ & ((1u << slot_bits) - 1); }
    constexpr std::uint32_t generation() const { return value_ >> slot_bits; }
    constexpr auto operator<=>(const Endpoint&) const = default;

private:
    std::uint32_t value_ = 0; // 0 is no endpoint: generation 0 is never given to a process
};

namespace endpoints {
inline constexpr Endpoint none{};
inline constexpr Endpoint any{4095, Endpoint::generation_limit - 1};      // receive from anybody; grantee anybody
inline constexpr Endpoint self{4094, Endpoint::generation_limit - 1};     // the calling process
inline constexpr Endpoint kernel{4093, Endpoint::generation_limit - 1};   // source of the kernel's notifications
inline constexpr Endpoint hardware{4092, Endpoint::generation_limit - 1}; // source of interrupt notifications
inline constexpr Endpoint clock{4091, Endpoint::generation_limit - 1};    // source of alarm notifications
// The two processes that the kernel itself makes at boot. They are never replaced, so their endpoints are constants.
inline constexpr Endpoint vm{0, 1};
inline constexpr Endpoint rs{1, 1};
} // namespace endpoints

static_assert(sizeof(Endpoint) == 4);

} // namespace tessera
