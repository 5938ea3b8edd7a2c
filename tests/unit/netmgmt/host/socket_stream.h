// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// A byte stream over a socket of the host, which it owns.

#include "netmgmt/session/byte_stream.h"

namespace tessera::netmgmt::test {

class SocketStream final : public ByteStream {
public:
    explicit SocketStream(int socket) : socket_(socket) {}
    ~SocketStream() override;
    SocketStream(const SocketStream&) = delete;
    SocketStream& operator=(const SocketStream&) = delete;

    std::size_t read(std::span<char> into) override;
    std::size_t write(std::string_view bytes) override;
    StreamState state() const override { return state_; }
    bool delivered() const override;

    /// What poll() should wait for.
    [[nodiscard]] int socket() const { return socket_; }

private:
    int socket_;
    StreamState state_ = StreamState::open;
};

} // namespace tessera::netmgmt::test
