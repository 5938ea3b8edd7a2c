// SPDX-License-Identifier: BSD-3-Clause
#include "netmgmt/network/tcp_listener.h"

#include "netmgmt/network/tcp_stream.h"

namespace tessera::netmgmt {

namespace {
constexpr u8_t backlog = 16;
}

TcpListener::~TcpListener() {
    if (listening_ != nullptr) tcp_close(listening_);
}

bool TcpListener::listen(std::uint16_t port) {
    tcp_pcb* const unbound = tcp_new_ip_type(IPADDR_TYPE_ANY);
    if (unbound == nullptr) return false;
    if (tcp_bind(unbound, IP_ANY_TYPE, port) == ERR_OK) listening_ = tcp_listen_with_backlog(unbound, backlog);
    if (listening_ == nullptr) {
        tcp_abort(unbound);
        return false;
    }
    tcp_arg(listening_, this);
    tcp_accept(listening_, accepted);
    return true;
}

err_t TcpListener::accepted(void* self, tcp_pcb* connection, err_t error) {
    auto& listener = *static_cast<TcpListener*>(self);
    if (error != ERR_OK || connection == nullptr) return ERR_VAL;
    if (listener.waiting_.size() >= waiting_limit) return ERR_MEM; // lwIP aborts the connection
    try {
        listener.waiting_.emplace_back();
        listener.waiting_.back() = std::make_unique<TcpStream>(connection);
    } catch (const std::bad_alloc&) {
        if (!listener.waiting_.empty() && listener.waiting_.back() == nullptr) listener.waiting_.pop_back();
        return ERR_MEM;
    }
    return ERR_OK;
}

std::unique_ptr<ByteStream> TcpListener::take() {
    if (waiting_.empty()) return nullptr;
    std::unique_ptr<ByteStream> stream = std::move(waiting_.front());
    waiting_.pop_front();
    return stream;
}

} // namespace tessera::netmgmt
