// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The real clients: safecopies, notifications, and calls to RS.

#include "servers/ds/clients.h"
#include "servers/protocols/rs.h"
#include "servers/runtime/client.h"
#include "servers/runtime/given_grant.h"

namespace tessera::ds {

class MappedClientView final : public ClientView {
public:
    explicit MappedClientView(runtime::MappedView<const std::byte> view) : view_(std::move(view)) {}
    std::span<const std::byte> bytes() const override { return view_.bytes(); }

private:
    runtime::MappedView<const std::byte> view_;
};

class KernelClients final : public Clients {
public:
    Completion read(const ClientMemory& memory, std::span<std::byte> target) override {
        return answered(granted(memory).read(0, target));
    }
    Completion write(const ClientMemory& memory, std::span<const std::byte> source) override {
        return answered(granted(memory).write(0, source));
    }
    Result<std::unique_ptr<ClientView>> map(const ClientMemory& memory) override {
        auto view = granted(memory).map_readable(0, memory.granted.bytes);
        if (!view.has_value()) return answered(view.error());
        return std::make_unique<MappedClientView>(*std::move(view));
    }
    // A subscriber that died meanwhile is told when its successor has the label.
    void notify(Endpoint client) override { (void)tessera::notify(client); }

    Result<std::size_t> running_services(std::span<Label> labels) override {
        std::size_t count = 0;
        for (std::uint64_t index = 0; count < labels.size();) {
            const auto service =
                runtime::call<protocol::rs::RsProtocol, protocol::rs::ServiceNext>(endpoints::rs, {.index = index});
            if (service.status() == Status::no_entry) break;
            if (!service.has_value()) return service.error();
            if (service->endpoint != endpoints::none)
                labels[count++] = {.name = service->label, .endpoint = service->endpoint};
            index = std::uint64_t{service->index} + 1;
        }
        return count;
    }

private:
    // A chain of grants that leads nowhere is not permitted: that an endpoint is dead would be said of DS.
    static Status answered(Status status) {
        return status == Status::dead_endpoint || status == Status::loop ? Status::not_permitted : status;
    }
    static Completion answered(const Completion& result) {
        return result.has_value() ? result : Completion(answered(result.error()));
    }
    static runtime::GivenGrant granted(const ClientMemory& memory) { return {memory.client, memory.granted.grant}; }
};

} // namespace tessera::ds
