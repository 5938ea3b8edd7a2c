// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Clients in a test, with rings that the driver reaches through grants.

#include "servers/drivers/e1000/client_rings.h"
#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <vector>

namespace tessera::e1000::test {

using Bytes = std::vector<std::uint8_t>;

// A well-behaved client's rings.
struct FakeRings {
    std::optional<Bytes> receive() {
        Ring& ring = rings->receive;
        if (ring.produced == ring.consumed) return std::nullopt;
        const Frame& frame = ring.frames[ring.consumed % ring_slots];
        ++ring.consumed;
        return Bytes(frame.data.begin(), frame.data.begin() + frame.bytes);
    }
    bool send(const Bytes& data) {
        Ring& ring = rings->transmit;
        if (ring.produced - ring.consumed == ring_slots) return false;
        Frame& frame = ring.frames[ring.produced % ring_slots];
        frame.bytes = static_cast<std::uint32_t>(data.size());
        std::ranges::copy(data, frame.data.begin());
        ++ring.produced;
        return true;
    }
    std::unique_ptr<EthernetRings> rings = std::make_unique<EthernetRings>();
};

class FakeClients final : public Clients {
public:
    Completion read(Attachment attachment, std::size_t offset, std::span<std::byte> target) override {
        const auto memory = TESSERA_TRY(granted(attachment, offset, target.size()));
        if (!target.empty()) std::memcpy(target.data(), memory, target.size());
        return Done{};
    }
    Completion write(Attachment attachment, std::size_t offset, std::span<const std::byte> source) override {
        const auto memory = TESSERA_TRY(granted(attachment, offset, source.size()));
        ++writes;
        std::memcpy(memory, source.data(), source.size());
        return Done{};
    }
    Result<std::uint32_t> read_index(Attachment attachment, std::size_t offset) override {
        std::uint32_t index = 0;
        TESSERA_TRY(read(attachment, offset, std::as_writable_bytes(std::span(&index, 1))));
        return index;
    }
    Completion write_index(Attachment attachment, std::size_t offset, std::uint32_t index) override {
        return write(attachment, offset, std::as_bytes(std::span(&index, 1)));
    }
    Completion notify(Endpoint client) override {
        if (!alive.contains(client)) return Status::dead_endpoint;
        ++notified[client];
        return Done{};
    }

    FakeRings& add(Endpoint client) { return alive[client]; }

    std::map<Endpoint, FakeRings> alive;
    std::map<Endpoint, int> notified;
    std::size_t copies = 0;
    std::size_t writes = 0;
    std::size_t fail_after = ~std::size_t{0}; // copies, then the client is as good as dead

private:
    Result<std::byte*> granted(Attachment attachment, std::size_t offset, std::size_t size) {
        const auto found = alive.find(attachment.client);
        if (found == alive.end()) return Status::dead_endpoint;
        if (attachment.rings != GrantId(1, 1)) return Status::not_permitted;
        if (copies++ >= fail_after) return Status::dead_endpoint;
        if (size > sizeof(EthernetRings) || offset > sizeof(EthernetRings) - size)
            throw std::logic_error("a copy outside of the grant");
        return reinterpret_cast<std::byte*>(found->second.rings.get()) + offset;
    }
};

} // namespace tessera::e1000::test
