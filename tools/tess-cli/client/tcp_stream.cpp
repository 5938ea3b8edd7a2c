// SPDX-License-Identifier: BSD-3-Clause
#include "tools/tess-cli/client/tcp_stream.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <format>
#include <memory>

namespace tessera::tess {

namespace {

using AddressList = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

constexpr std::string_view start_advice =
    "start a system with `tools/run --detach`, or name another one with --host and --port";

Result<AddressList> resolve(const Address& address) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICSERV;
    addrinfo* found = nullptr;
    const int status = ::getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &found);
    if (status != 0) {
        return no_connection(std::format("cannot find host \"{}\": {}", address.host, ::gai_strerror(status)),
                             "check --host; a running system of this machine is at 127.0.0.1");
    }
    return AddressList{found, &::freeaddrinfo};
}

/// The errno of the attempt, 0 when connected.
Result<int> connect_one(int socket, const addrinfo& target, Instant deadline, const Interrupts& interrupts) {
    if (::connect(socket, target.ai_addr, target.ai_addrlen) == 0) return 0;
    if (errno != EINPROGRESS) return errno;
    const auto readiness = interrupts.wait(socket, POLLOUT, deadline);
    if (!readiness) return Failed{readiness.error()};
    if (*readiness == Readiness::deadline) return ETIMEDOUT;
    int error = 0;
    socklen_t size = sizeof error;
    if (::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) != 0) return errno;
    return error;
}

Failed connection_lost(std::string_view doing) {
    return no_connection(std::format("the connection was lost while {}: {}", doing, std::strerror(errno)),
                         "try again; the system or its network may be restarting");
}

} // namespace

std::string to_text(const Address& address) {
    const bool is_ipv6 = address.host.contains(':');
    return is_ipv6 ? std::format("[{}]:{}", address.host, address.port)
                   : std::format("{}:{}", address.host, address.port);
}

Result<TcpStream> TcpStream::connect(const Address& address, Instant deadline, const Interrupts& interrupts) {
    const auto list = resolve(address);
    if (!list) return Failed{list.error()};
    int last_error = 0;
    for (const addrinfo* target = list->get(); target != nullptr; target = target->ai_next) {
        FileDescriptor socket{
            ::socket(target->ai_family, target->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, target->ai_protocol)};
        if (socket.number() < 0) {
            last_error = errno;
            continue;
        }
        const auto error = connect_one(socket.number(), *target, deadline, interrupts);
        if (!error) return Failed{error.error()};
        if (*error == 0) {
            // Requests are single small lines: waiting to fill a segment would only add delay.
            const int on = 1;
            ::setsockopt(socket.number(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            return TcpStream{std::move(socket), interrupts};
        }
        last_error = *error;
    }
    const auto message = std::format("cannot connect to {}: {}", to_text(address), std::strerror(last_error));
    if (last_error == ETIMEDOUT) return timed_out(message, std::string{start_advice});
    return no_connection(message, std::string{start_advice});
}

Result<void> TcpStream::write(std::string_view bytes, Instant deadline) {
    while (!bytes.empty()) {
        const auto sent = ::send(socket_.number(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent >= 0) {
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            const auto readiness = interrupts_->wait(socket_.number(), POLLOUT, deadline);
            if (!readiness) return Failed{readiness.error()};
            if (*readiness == Readiness::deadline) return timed_out("the system does not take the request");
        } else if (errno != EINTR) {
            return connection_lost("sending");
        }
    }
    return {};
}

Result<std::size_t> TcpStream::read(std::span<char> buffer, Instant deadline) {
    for (;;) {
        // Waiting first, although bytes may be there already: a peer that never stops sending must not hide a signal.
        const auto readiness = interrupts_->wait(socket_.number(), POLLIN, deadline);
        if (!readiness) return Failed{readiness.error()};
        if (*readiness == Readiness::deadline) return timed_out("no answer in time");
        const auto received = ::recv(socket_.number(), buffer.data(), buffer.size(), 0);
        if (received >= 0) return static_cast<std::size_t>(received);
        if (errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK) return connection_lost("waiting for an answer");
    }
}

} // namespace tessera::tess
