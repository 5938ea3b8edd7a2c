// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// A TCP connection of lwIP as a ByteStream. What was not read stays in lwIP's buffers and closes the peer's window.

#include "netmgmt/session/byte_stream.h"

#include <lwip/tcp.h>

namespace tessera::netmgmt {

class TcpStream final : public ByteStream {
public:
    /// Takes over an accepted connection.
    explicit TcpStream(tcp_pcb* connection);
    ~TcpStream() override;
    TcpStream(const TcpStream&) = delete;
    TcpStream& operator=(const TcpStream&) = delete;

    std::size_t read(std::span<char> into) override;
    std::size_t write(std::string_view bytes) override;
    StreamState state() const override;
    bool delivered() const override { return unacknowledged_ == 0; }

private:
    static err_t received(void* self, tcp_pcb* connection, pbuf* data, err_t error);
    static err_t acknowledged(void* self, tcp_pcb* connection, u16_t bytes);
    static void failed(void* self, err_t error);

    tcp_pcb* connection_; ///< nullptr once lwIP has freed it
    pbuf* arrived_ = nullptr;
    std::size_t unacknowledged_ = 0;
    bool peer_finished_ = false;
};

} // namespace tessera::netmgmt
