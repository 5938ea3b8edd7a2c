// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The real clients: safecopies, notifications, and calls to RS.

#include "kernel/abi/calls/grants.h"
#include "servers/ds/clients.h"
#include "servers/protocols/rs.h"
#include "servers/runtime/client.h"

namespace tessera::ds {

class KernelClients final : public Clients {
public:
    Completion read(Endpoint client, GrantId grant, std::span<std::byte> target) override {
        TESSERA_TRY(kernel_call<kernel_calls::SafecopyFrom>(copy(client, grant, target)));
        return Done{};
    }
    Completion write(Endpoint client, GrantId grant, std::span<const std::byte> source) override {
        TESSERA_TRY(kernel_call<kernel_calls::SafecopyTo>(copy(client, grant, source)));
        return Done{};
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
    static kernel_calls::SafecopyFrom::Request copy(Endpoint client, GrantId grant, std::span<const std::byte> memory) {
        return {.grantor = client,
                .grant = grant,
                .offset = 0,
                .address = {reinterpret_cast<std::uint64_t>(memory.data())},
                .bytes = memory.size()};
    }
};

} // namespace tessera::ds
