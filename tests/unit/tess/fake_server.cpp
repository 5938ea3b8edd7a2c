// SPDX-License-Identifier: BSD-3-Clause
#include "tests/unit/tess/fake_server.h"

#include "tools/tess-cli/client/json.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <format>
#include <stdexcept>

namespace tessera::tess {

namespace {

constexpr int poll_milliseconds = 20;

bool readable(int descriptor, const std::atomic<bool>& stopping) {
    while (!stopping) {
        pollfd entry{descriptor, POLLIN, 0};
        if (::poll(&entry, 1, poll_milliseconds) > 0) return true;
    }
    return false;
}

struct Listener {
    FileDescriptor socket;
    std::uint16_t port;
};

Listener bind_to_any_port() {
    FileDescriptor socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (::bind(socket.number(), generic, size) != 0 || ::getsockname(socket.number(), generic, &size) != 0) {
        throw std::runtime_error("no port on the loopback interface");
    }
    return {std::move(socket), ntohs(address.sin_port)};
}

} // namespace

void Peer::send(std::string_view bytes) {
    while (!bytes.empty() && !stopping_) {
        const auto sent = ::send(socket_.number(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent > 0) {
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        } else if (errno == EAGAIN) {
            pollfd entry{socket_.number(), POLLOUT, 0};
            ::poll(&entry, 1, poll_milliseconds);
        } else {
            return; // the client has had enough
        }
    }
}

std::string Peer::receive_line() {
    std::array<char, 4096> chunk{};
    for (;;) {
        if (const auto end = pending_.find('\n'); end != std::string::npos) {
            std::string line = pending_.substr(0, end);
            pending_.erase(0, end + 1);
            return line;
        }
        if (!readable(socket_.number(), stopping_)) return {};
        const auto received = ::recv(socket_.number(), chunk.data(), chunk.size(), 0);
        if (received <= 0) return {};
        pending_.append(chunk.data(), static_cast<std::size_t>(received));
    }
}

void Peer::wait_for_close() {
    while (!receive_line().empty()) continue;
}

FakeServer::FakeServer(std::function<void(Peer&, unsigned)> serve) : serve_{std::move(serve)} {
    Listener listener = bind_to_any_port();
    listener_ = std::move(listener.socket);
    port_ = listener.port;
    if (::listen(listener_.number(), 16) != 0) throw std::runtime_error("cannot listen");
    thread_ = std::thread{[this] { accept_connections(); }};
}

FakeServer::~FakeServer() {
    stopping_ = true;
    thread_.join();
}

void FakeServer::accept_connections() {
    for (unsigned number = 0; readable(listener_.number(), stopping_); ++number) {
        Peer peer{FileDescriptor{::accept4(listener_.number(), nullptr, nullptr, SOCK_CLOEXEC)}, stopping_};
        serve_(peer, number);
    }
}

std::string result_line(unsigned id, std::string_view result) {
    return std::format(R"({{"jsonrpc":"2.0","id":{},"result":{}}})"
                       "\n",
                       id, result);
}

std::function<void(Peer&, unsigned)> answering(std::function<std::string(const std::string& method)> answer) {
    return [answer](Peer& peer, unsigned) {
        peer.greet();
        for (std::string line = peer.receive_line(); !line.empty(); line = peer.receive_line()) {
            const auto request = parse_json(line);
            peer.send(std::format(R"({{"jsonrpc":"2.0","id":{},{}}})"
                                  "\n",
                                  compact(request->at("id")), answer(request->at("method").get<std::string>())));
        }
    };
}

std::uint16_t unused_port() { return bind_to_any_port().port; }

} // namespace tessera::tess
