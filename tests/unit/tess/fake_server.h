// SPDX-License-Identifier: BSD-3-Clause
// A server on a loopback socket that does whatever the test says, protocol or not.
#pragma once

#include "tools/tess-cli/client/file_descriptor.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

namespace tessera::tess {

constexpr std::string_view greeting_line =
    R"({"jsonrpc":"2.0","method":"hello","params":{"product":"Tessera","version":"0.1.0","protocol":1,)"
    R"("build":"test","mode":"open","features":["faults"]}})"
    "\n";

/// The server's side of one connection.
class Peer {
public:
    Peer(FileDescriptor socket, const std::atomic<bool>& stopping) : socket_{std::move(socket)}, stopping_{stopping} {}

    void send(std::string_view bytes);
    void greet() { send(greeting_line); }
    /// One line without its LF; empty when the client has closed or the test is over.
    [[nodiscard]] std::string receive_line();
    /// Until the client closes or the test is over.
    void wait_for_close();

private:
    FileDescriptor socket_;
    const std::atomic<bool>& stopping_;
    std::string pending_;
};

class FakeServer {
public:
    /// Serves connections one after the other; `serve` gets the number of the connection, from 0.
    explicit FakeServer(std::function<void(Peer&, unsigned)> serve);
    ~FakeServer();
    FakeServer(const FakeServer&) = delete;
    FakeServer& operator=(const FakeServer&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }

private:
    void accept_connections();

    std::function<void(Peer&, unsigned)> serve_;
    std::atomic<bool> stopping_ = false;
    FileDescriptor listener_;
    std::uint16_t port_ = 0;
    std::thread thread_;
};

/// {"jsonrpc":"2.0","id":ID,"result":RESULT} as a line.
[[nodiscard]] std::string result_line(unsigned id, std::string_view result);

/// Greets, then answers every request with what `answer` gives for it: a member "result" or "error" of JSON-RPC.
[[nodiscard]] std::function<void(Peer&, unsigned)>
answering(std::function<std::string(const std::string& method)> answer);

/// A port on which nothing listens.
[[nodiscard]] std::uint16_t unused_port();

} // namespace tessera::tess
