// SPDX-License-Identifier: BSD-3-Clause
#include "tests/unit/netmgmt/support/test_server.h"

#include <algorithm>
#include <charconv>
#include <format>

namespace tessera::netmgmt::test {

std::size_t WireStream::read(std::span<char> into) {
    const std::size_t bytes = wire_.to_server.copy(into.data(), into.size());
    wire_.to_server.erase(0, bytes);
    return bytes;
}

std::size_t WireStream::write(std::string_view bytes) {
    const std::size_t taken = std::min(bytes.size(), wire_.window);
    wire_.from_server += bytes.substr(0, taken);
    wire_.window -= taken;
    return taken;
}

StreamState WireStream::state() const {
    const bool unread = wire_.state == StreamState::peer_finished && !wire_.to_server.empty();
    return unread ? StreamState::open : wire_.state;
}

std::string Peer::exchange(std::string_view bytes) {
    wire.to_server += bytes;
    server_.run();
    return std::exchange(wire.from_server, {});
}

std::vector<std::string> Peer::take_lines() { return lines_of(std::exchange(wire.from_server, {})); }

std::string Peer::ask(std::string_view line) {
    auto replies = lines_of(exchange(std::string(line) + '\n'));
    return replies.size() == 1 ? replies.front() : std::format("{} replies", replies.size());
}

std::string Peer::call(std::string_view method, std::string_view parameters) {
    return ask(std::format(R"({{"jsonrpc":"2.0","id":1,"method":"{}","params":{}}})", method, parameters));
}

bool Peer::alive() {
    return ask(R"({"jsonrpc":"2.0","id":"alive?","method":"system.ping","params":{"payload":"yes"}})") ==
           R"({"jsonrpc":"2.0","id":"alive?","result":{"payload":"yes"}})";
}

TestServer::TestServer(AccessMode mode)
    : identity{"Tessera", "0.1.0", 1, "test", mode, {"batch", "fields", "paging"}},
      dispatcher(system.view(), identity, counters, all_methods()),
      executor(dispatcher),
      sessions({executor, clock, deadlines, counters}, identity) {}

Peer& TestServer::connect() {
    Peer& peer = peers.emplace_back(*this);
    sessions.accept(std::make_unique<WireStream>(peer.wire));
    run();
    return peer;
}

Peer& TestServer::greeted_peer() {
    Peer& peer = connect();
    peer.wire.from_server.clear();
    return peer;
}

void TestServer::run() {
    while (sessions.run_once() == Progress::more) {
    }
}

namespace {

std::optional<JsonView> child(JsonView value, std::string_view name) {
    if (value.is_object()) return value.find(name);
    if (!value.is_array()) return std::nullopt;
    std::size_t index = 0;
    const bool is_number = std::from_chars(name.data(), name.data() + name.size(), index).ec == std::errc();
    return is_number && index < value.size() ? std::optional(value.element(index)) : std::nullopt;
}

} // namespace

ParsedJson::ParsedJson(std::string_view json) : document_(parse_strictly(json, {1000, 10'000'000, 10'000'000})) {}

std::string ParsedJson::at(std::string_view path) const {
    if (!document_) return std::format("no JSON: {}", describe(document_.error().failure));
    std::optional<JsonView> value = document_->root();
    while (value && !path.empty()) {
        const auto name = path.substr(0, path.find('.'));
        path.remove_prefix(std::min(path.size(), name.size() + 1));
        value = child(*value, name);
    }
    return value ? value->json() : std::string();
}

std::string at(std::string_view json, std::string_view path) { return ParsedJson(json).at(path); }

std::vector<std::string> example_lines() {
    std::vector<std::string> lines;
    for (auto table : all_methods()) {
        for (const auto& method : table) {
            lines.push_back(std::format(R"({{"jsonrpc":"2.0","id":{},"method":"{}","params":{}}})", lines.size(),
                                        method.text.name, method.text.example.parameters));
        }
    }
    lines.push_back("[" + lines[1] + "," + lines[2] + "]");
    return lines;
}

std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        const auto feed = std::min(text.find('\n'), text.size());
        lines.emplace_back(text.substr(0, feed));
        text.remove_prefix(std::min(text.size(), feed + 1));
    }
    return lines;
}

} // namespace tessera::netmgmt::test
