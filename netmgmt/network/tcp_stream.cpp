// SPDX-License-Identifier: BSD-3-Clause
#include "netmgmt/network/tcp_stream.h"

#include <algorithm>

namespace tessera::netmgmt {

TcpStream::TcpStream(tcp_pcb* connection) : connection_(connection) {
    tcp_arg(connection_, this);
    tcp_recv(connection_, received);
    tcp_sent(connection_, acknowledged);
    tcp_err(connection_, failed);
    tcp_nagle_disable(connection_);
    connection_->so_options |= SOF_KEEPALIVE;
}

TcpStream::~TcpStream() {
    if (connection_ != nullptr) {
        tcp_arg(connection_, nullptr);
        tcp_recv(connection_, nullptr);
        tcp_sent(connection_, nullptr);
        tcp_err(connection_, nullptr);
        // Unread data would make lwIP reset the connection, and the peer lose our last words.
        if (arrived_ != nullptr) tcp_recved(connection_, arrived_->tot_len);
        if (tcp_close(connection_) != ERR_OK) tcp_abort(connection_);
    }
    if (arrived_ != nullptr) pbuf_free(arrived_);
}

err_t TcpStream::received(void* self, tcp_pcb*, pbuf* data, err_t) {
    auto& stream = *static_cast<TcpStream*>(self);
    if (data == nullptr)
        stream.peer_finished_ = true;
    else if (stream.arrived_ == nullptr)
        stream.arrived_ = data;
    else
        pbuf_cat(stream.arrived_, data);
    return ERR_OK;
}

err_t TcpStream::acknowledged(void* self, tcp_pcb*, u16_t bytes) {
    auto& stream = *static_cast<TcpStream*>(self);
    stream.unacknowledged_ -= std::min<std::size_t>(stream.unacknowledged_, bytes);
    return ERR_OK;
}

void TcpStream::failed(void* self, err_t) { static_cast<TcpStream*>(self)->connection_ = nullptr; }

std::size_t TcpStream::read(std::span<char> into) {
    std::size_t taken = 0;
    while (arrived_ != nullptr && taken < into.size()) {
        const auto room = static_cast<u16_t>(std::min<std::size_t>(into.size() - taken, arrived_->len));
        std::copy_n(static_cast<const char*>(arrived_->payload), room, into.data() + taken);
        taken += room;
        arrived_ = pbuf_free_header(arrived_, room);
        if (connection_ != nullptr) tcp_recved(connection_, room);
    }
    return taken;
}

std::size_t TcpStream::write(std::string_view bytes) {
    if (connection_ == nullptr) return 0;
    std::size_t written = 0;
    while (written < bytes.size()) {
        const std::size_t room = std::min<std::size_t>({bytes.size() - written, tcp_sndbuf(connection_), TCP_MSS});
        if (room == 0) break;
        if (tcp_write(connection_, bytes.data() + written, static_cast<u16_t>(room), TCP_WRITE_FLAG_COPY) != ERR_OK)
            break;
        written += room;
    }
    unacknowledged_ += written;
    tcp_output(connection_);
    return written;
}

StreamState TcpStream::state() const {
    if (connection_ == nullptr) return StreamState::broken;
    return peer_finished_ && arrived_ == nullptr ? StreamState::peer_finished : StreamState::open;
}

} // namespace tessera::netmgmt
