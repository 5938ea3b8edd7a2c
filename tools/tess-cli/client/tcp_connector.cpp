// SPDX-License-Identifier: BSD-3-Clause
#include "tools/tess-cli/client/tcp_connector.h"

#include "tools/tess-cli/client/client.h"

#include <format>

namespace tessera::tess {

Result<std::unique_ptr<Channel>> TcpConnector::connect(Instant deadline) {
    auto stream = TcpStream::connect(address_, deadline, interrupts_);
    if (!stream) return Failed{stream.error()};
    auto channel = Client::start(std::make_unique<TcpStream>(std::move(*stream)), deadline);
    if (channel || channel.error().exit_code == ExitCode::interrupted) return channel;
    Failure failure = channel.error();
    failure.message = std::format("{}: {}", to_text(address_), failure.message);
    return Failed{std::move(failure)};
}

} // namespace tessera::tess
