// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The real clients: safecopies, notifications, and calls to RS.

#include "servers/ds/clients.h"
#include "servers/protocols/rs.h"
#include "servers/runtime/client.h"
#include "servers/runtime/given_grant.h"

namespace tessera::ds {

class KernelClients final : public Clients {
public:
    Completion read(Endpoint client, GrantId grant, std::span<std::byte> target) override {
        return runtime::GivenGrant(client, grant).read(0, target);
    }
    Completion write(Endpoint client, GrantId grant, std::span<const std::byte> source) override {
        return runtime::GivenGrant(client, grant).write(0, source);
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
};

} // namespace tessera::ds
