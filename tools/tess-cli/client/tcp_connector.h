// SPDX-License-Identifier: BSD-3-Clause
// Conversations over TCP with the system at one address.
#pragma once

#include "tools/tess-cli/client/channel.h"
#include "tools/tess-cli/client/tcp_stream.h"

#include <utility>

namespace tessera::tess {

class TcpConnector final : public Connector {
public:
    TcpConnector(Address address, const Interrupts& interrupts)
        : address_{std::move(address)},
          interrupts_{interrupts} {}

    [[nodiscard]] Result<std::unique_ptr<Channel>> connect(Instant deadline) override;

private:
    Address address_;
    const Interrupts& interrupts_;
};

} // namespace tessera::tess
