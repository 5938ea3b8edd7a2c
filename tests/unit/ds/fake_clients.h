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

    Completion read(const ClientMemory& memory, std::span<std::byte> target) override {
        Memory* granted = TESSERA_TRY(find(memory, target.size()));
        std::copy_n(granted->bytes.begin(), target.size(), target.begin());
        return Done{};
    }
    Completion write(const ClientMemory& memory, std::span<const std::byte> source) override {
        Memory* granted = TESSERA_TRY(find(memory, source.size()));
        std::ranges::copy(source, granted->bytes.begin());
        return Done{};
    }
    Result<std::unique_ptr<ClientView>> map(const ClientMemory& memory) override {
        const Memory* granted = TESSERA_TRY(find(memory, memory.granted.bytes));
        return std::make_unique<View>(std::span(granted->bytes).first(memory.granted.bytes), views);
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
    int views = 0; // that DS has

private:
    protocol::ds::Buffer add(Endpoint client, std::vector<std::byte> bytes) {
        const GrantId id(next_++ % GrantId::index_limit, 1);
        const auto size = static_cast<std::uint32_t>(bytes.size());
        grants[{client, id}] = Memory{.bytes = std::move(bytes)};
        return {.grant = id, .bytes = size};
    }
    Result<Memory*> find(const ClientMemory& memory, std::size_t size) {
        const auto found = grants.find({memory.client, memory.granted.grant});
        if (found == grants.end() || size > found->second.bytes.size()) return Status::not_permitted;
        if (found->second.failure != Status::ok) return found->second.failure;
        return &found->second;
    }

    class View final : public ClientView {
    public:
        View(std::span<const std::byte> bytes, int& views) : bytes_(bytes), views_(views) { ++views_; }
        View(const View&) = delete;
        View& operator=(const View&) = delete;
        ~View() override { --views_; }
        std::span<const std::byte> bytes() const override { return bytes_; }

    private:
        std::span<const std::byte> bytes_;
        int& views_;
    };

    std::uint32_t next_ = 1;
};

} // namespace tessera::ds::test
