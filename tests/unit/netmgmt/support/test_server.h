// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The whole server over streams in memory, with a clock that the test turns.

#include "netmgmt/methods/method_table.h"
#include "netmgmt/session/sessions.h"
#include "tests/unit/netmgmt/support/fake_system.h"

#include <deque>
#include <string>

namespace tessera::netmgmt::test {

/// Both directions of a connection, seen from outside. Outlives the server's end of it.
struct Wire {
    std::string to_server;
    std::string from_server;
    std::size_t window = 1 << 30; ///< what the peer is still willing to take
    StreamState state = StreamState::open;
    bool delivered = true;
    bool server_closed = false;
};

class WireStream final : public ByteStream {
public:
    explicit WireStream(Wire& wire) : wire_(wire) {}
    ~WireStream() override { wire_.server_closed = true; }
    std::size_t read(std::span<char> into) override;
    std::size_t write(std::string_view bytes) override;
    StreamState state() const override;
    bool delivered() const override { return wire_.delivered; }

private:
    Wire& wire_;
};

class ManualClock final : public Clock {
public:
    std::chrono::nanoseconds time{};
    std::chrono::nanoseconds now() const override { return time; }
};

class TestServer;

class Peer {
public:
    explicit Peer(TestServer& server) : server_(server) {}

    Wire wire;

    /// Sends, lets the server work until it has nothing to do, and gives what came back.
    std::string exchange(std::string_view bytes);
    /// The whole lines that came and were not taken yet.
    std::vector<std::string> take_lines();
    /// One line there, one line back.
    std::string ask(std::string_view line);
    /// The reply to a call with id 1.
    std::string call(std::string_view method, std::string_view parameters = "{}");
    /// Whether a ping is answered, as it must be after anything.
    bool alive();

private:
    TestServer& server_;
};

class TestServer {
public:
    explicit TestServer(AccessMode mode = AccessMode::open);

    /// Outlive the sessions, whose streams end at them.
    std::deque<Peer> peers;
    FakeSystem system;
    ManualClock clock;
    Deadlines deadlines;
    PeerCounters counters;
    Identity identity;
    Dispatcher dispatcher;
    LineExecutor executor;
    Sessions sessions;

    /// A new connection; its greeting (or refusal) is left in the wire.
    Peer& connect();
    /// A new connection whose greeting is taken.
    Peer& greeted_peer();
    void run();
};

/// A JSON text that is parsed once and asked often.
class ParsedJson {
public:
    explicit ParsedJson(std::string_view json);

    /// The JSON text at a path like "error.data.member" or "items.0.name"; empty when there is none.
    [[nodiscard]] std::string at(std::string_view path) const;

private:
    std::expected<ReceivedDocument, ParseError> document_;
};

/// For one look at a short text.
[[nodiscard]] std::string at(std::string_view json, std::string_view path);

/// A request for every example of the method tables, and a batch of two.
[[nodiscard]] std::vector<std::string> example_lines();

/// The lines of a text, without their LF.
[[nodiscard]] std::vector<std::string> lines_of(std::string_view text);

} // namespace tessera::netmgmt::test
