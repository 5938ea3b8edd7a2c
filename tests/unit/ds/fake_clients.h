// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Clients in a test: services with labels, buffers by grant, and the notifications that DS sent.

#include "servers/ds/clients.h"
#include <map>
#include <string>
#include <vector>

namespace tessera::ds::test {

class FakeClients final : public Clients {
public:
    struct Memory {
        std::vector<std::byte> bytes;
        Status failure = Status::ok; // what a copy through this grant answers
    };

    Completion read(Endpoint client, GrantId grant, std::span<std::byte> target) override {
        Memory* memory = TESSERA_TRY(granted(client, grant, target.size()));
        std::copy_n(memory->bytes.begin(), target.size(), target.begin());
        return Done{};
    }
    Completion write(Endpoint client, GrantId grant, std::span<const std::byte> source) override {
        Memory* memory = TESSERA_TRY(granted(client, grant, source.size()));
        std::ranges::copy(source, memory->bytes.begin());
        return Done{};
    }
    void notify(Endpoint client) override { notified.push_back(client); }
    Result<std::size_t> running_services(std::span<Label> labels) override {
        if (rs_fails) return Status::call_denied;
        std::ranges::copy(services, labels.begin());
        return services.size();
    }

    // A buffer of the client that holds `text`, or `room` zero bytes.
    protocol::ds::Buffer give(Endpoint client, std::string_view text) {
        const auto bytes = std::as_bytes(std::span(text));
        return add(client, {bytes.begin(), bytes.end()});
    }
    protocol::ds::Buffer room(Endpoint client, std::size_t size) { return add(client, std::vector<std::byte>(size)); }
    std::string text(Endpoint client, protocol::ds::Buffer buffer, std::size_t size) {
        const auto& bytes = grants[{client, buffer.grant}].bytes;
        return {reinterpret_cast<const char*>(bytes.data()), size};
    }

    std::map<std::pair<Endpoint, GrantId>, Memory> grants;
    std::vector<Endpoint> notified;
    std::vector<Label> services;
    bool rs_fails = false;

private:
    protocol::ds::Buffer add(Endpoint client, std::vector<std::byte> bytes) {
        const GrantId id(next_++ % GrantId::index_limit, 1);
        const auto size = static_cast<std::uint32_t>(bytes.size());
        grants[{client, id}] = Memory{.bytes = std::move(bytes)};
        return {.grant = id, .bytes = size};
    }
    Result<Memory*> granted(Endpoint client, GrantId grant, std::size_t size) {
        const auto found = grants.find({client, grant});
        if (found == grants.end() || size > found->second.bytes.size()) return Status::not_permitted;
        if (found->second.failure != Status::ok) return found->second.failure;
        return &found->second;
    }

    std::uint32_t next_ = 1;
};

} // namespace tessera::ds::test
