// SPDX-License-Identifier: BSD-3-Clause
#include "tests/unit/netmgmt/host/socket_stream.h"

#include <cerrno>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace tessera::netmgmt::test {

SocketStream::~SocketStream() { ::close(socket_); }

std::size_t SocketStream::read(std::span<char> into) {
    const auto bytes = ::recv(socket_, into.data(), into.size(), MSG_DONTWAIT);
    if (bytes > 0) return static_cast<std::size_t>(bytes);
    if (bytes == 0 && state_ == StreamState::open) state_ = StreamState::peer_finished;
    if (bytes < 0 && errno != EAGAIN && errno != EINTR) state_ = StreamState::broken;
    return 0;
}

std::size_t SocketStream::write(std::string_view bytes) {
    const auto written = ::send(socket_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (written >= 0) return static_cast<std::size_t>(written);
    if (errno != EAGAIN && errno != EINTR) state_ = StreamState::broken;
    return 0;
}

bool SocketStream::delivered() const {
    int unsent = 0;
    return ::ioctl(socket_, SIOCOUTQ, &unsent) == 0 && unsent == 0;
}

} // namespace tessera::netmgmt::test
