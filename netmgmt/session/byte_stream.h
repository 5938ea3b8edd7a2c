// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The seam between a transport and a session: TCP today; encryption can come between as a stream over a stream.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace tessera::netmgmt {

enum class StreamState : std::uint8_t {
    open,
    peer_finished, ///< the peer sends nothing more and all it sent was read; it may still listen
    broken,        ///< nothing goes either way
};

/// Neither call waits, and none throws. Destroying the stream closes it; what was written still goes out.
class ByteStream {
public:
    virtual ~ByteStream() = default;

    /// Takes what has arrived, up to the size of `into`. What is not taken holds the peer back.
    [[nodiscard]] virtual std::size_t read(std::span<char> into) = 0;

    /// Accepts as much of `bytes` as has room now.
    [[nodiscard]] virtual std::size_t write(std::string_view bytes) = 0;

    [[nodiscard]] virtual StreamState state() const = 0;

    /// Whether the peer has all that was written.
    [[nodiscard]] virtual bool delivered() const = 0;
};

} // namespace tessera::netmgmt
