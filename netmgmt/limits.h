// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Every limit that a peer can meet, in one place. `system.limits` shows them; docs/protocol.md explains them.

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace tessera::netmgmt {

namespace limits {

inline constexpr std::uint16_t port = 7420;

inline constexpr std::size_t line_bytes = 64 * 1024;   ///< a line that comes in, without its LF or CR LF
inline constexpr std::size_t reply_bytes = 256 * 1024; ///< a line that goes out, with its LF
inline constexpr std::size_t nesting = 32;
inline constexpr std::size_t values = 4096;
inline constexpr std::size_t string_bytes = 4096;
inline constexpr std::size_t id_bytes = 64;
inline constexpr std::size_t batch = 64;
inline constexpr std::size_t connections = 16;
inline constexpr std::size_t unauthenticated_connections = 4; ///< while the session mode is `locked`
inline constexpr std::size_t requests_in_flight = 16;         ///< lines waiting on one connection; a batch is one line
inline constexpr std::uint32_t page_items = 1024;
inline constexpr std::uint32_t page_items_default = 256;

/// One longest line, and room for short ones (a `system.ping`) behind it.
inline constexpr std::size_t input_buffer_bytes = line_bytes + 16 * 1024;
/// The longest reply to a `system.ping`: a payload of `string_bytes`, each byte escaped as \u00xx.
inline constexpr std::size_t ping_reply_bytes = 32 * 1024;
/// One longest reply, and a ping's behind it.
inline constexpr std::size_t output_buffer_bytes = reply_bytes + ping_reply_bytes;
/// The longest error reply, with every byte of the id and of the clipped member name escaped; kept free in a batch
/// for each call that is still to come.
inline constexpr std::size_t error_reply_bytes = 2 * 1024;

} // namespace limits

/// How long a peer may take, in time of the guest's clock.
struct Deadlines {
    using Duration = std::chrono::nanoseconds;

    Duration first_line = std::chrono::minutes(1); ///< from connecting to the end of the first line
    Duration idle = std::chrono::minutes(10);      ///< from one line or reply to the next
    Duration grace = std::chrono::seconds(30);     ///< before the floor rate counts
    std::uint64_t floor_bytes_per_second = 256;    ///< of a line that has begun, and of replies that wait to be read
    Duration stop = std::chrono::seconds(1);       ///< for the reply to `system.shutdown` to leave
};

} // namespace tessera::netmgmt
