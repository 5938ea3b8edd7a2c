// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Accepts TCP connections on a port, over IPv4 and IPv6, as streams.

#include "netmgmt/session/byte_stream.h"

#include <cstdint>
#include <deque>
#include <lwip/tcp.h>
#include <memory>

namespace tessera::netmgmt {

class TcpListener {
public:
    TcpListener() = default;
    ~TcpListener();
    TcpListener(const TcpListener&) = delete;
    TcpListener& operator=(const TcpListener&) = delete;

    /// False when the port is taken or there is no memory.
    [[nodiscard]] bool listen(std::uint16_t port);

    /// The next connection that came, or nullptr. Not handed out from within lwIP's callback: a stream may be closed at
    /// once, and lwIP does not bear that there.
    [[nodiscard]] std::unique_ptr<ByteStream> take();

private:
    static constexpr std::size_t waiting_limit = 16; ///< more are reset

    static err_t accepted(void* self, tcp_pcb* connection, err_t error);

    tcp_pcb* listening_ = nullptr;
    std::deque<std::unique_ptr<ByteStream>> waiting_;
};

} // namespace tessera::netmgmt
