// SPDX-License-Identifier: BSD-3-Clause
// A TCP connection with a deadline on every step.
#pragma once

#include "tools/tess-cli/client/byte_stream.h"
#include "tools/tess-cli/client/file_descriptor.h"
#include "tools/tess-cli/client/interrupts.h"

#include <cstdint>
#include <string>

namespace tessera::tess {

/// Where a system is reached.
struct Address {
    std::string host;
    std::uint16_t port = 0;
};

/// "127.0.0.1:7420", "[::1]:7420".
[[nodiscard]] std::string to_text(const Address& address);

class TcpStream final : public ByteStream {
public:
    /// Tries every address of the name until one answers.
    [[nodiscard]] static Result<TcpStream> connect(const Address& address, Instant deadline,
                                                   const Interrupts& interrupts);

    [[nodiscard]] Result<void> write(std::string_view bytes, Instant deadline) override;
    [[nodiscard]] Result<std::size_t> read(std::span<char> buffer, Instant deadline) override;

private:
    TcpStream(FileDescriptor socket, const Interrupts& interrupts)
        : socket_{std::move(socket)},
          interrupts_{&interrupts} {}

    FileDescriptor socket_;
    const Interrupts* interrupts_;
};

} // namespace tessera::tess
