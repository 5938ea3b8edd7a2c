// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// What RS knows of one service, and the table of all.

#include "kernel/abi/result.h"
#include "servers/configuration/service_configuration.h"
#include "servers/protocols/rs.h"
#include "servers/rs/backoff.h"
#include "servers/rs/pci.h"
#include <deque>
#include <optional>

namespace tessera::rs {

using protocol::rs::KillReason;
using protocol::rs::ServiceState;

// Who made the process of a service: VM and RS itself come from the kernel and are never restarted.
enum class Origin : std::uint8_t { kernel, configuration };

struct Service {
    configuration::ServiceConfiguration configuration;
    Origin origin = Origin::configuration;
    ServiceId id{};
    std::optional<PciDevice> device;

    ServiceState state = ServiceState::stopped;
    Endpoint endpoint;    // of the living incarnation, or none
    Endpoint predecessor; // not running, its memory is for the next incarnation; or none
    std::uint32_t restarts = 0;
    Nanoseconds started{};
    DeathCause last_cause = DeathCause::none;
    std::uint64_t last_detail = 0;

    std::optional<KillReason> kill_reason; // why RS killed the living incarnation; its death was not reported yet
    bool restart_requested = false;        // by service_restart: its death counts as no failure
    std::uint32_t heartbeats_missed = 0;
    Backoff backoff;

    const Name& label() const { return configuration.label; }
    bool has_process() const { return endpoint != endpoints::none; }
    bool keeps_memory() const { return configuration.preserved_pages + configuration.contiguous_pages != 0; }
};

// In the order of importance. Its length is fixed before the first service starts; a service keeps its place.
class ServiceTable {
public:
    // Gives the service the next id. no_space.
    Result<Service*> add(Service service) {
        if (services_.size() + 1 >= service_limit) return Status::no_space;
        service.id = {static_cast<std::uint8_t>(services_.size() + 1)};
        return &services_.emplace_back(std::move(service));
    }

    Service* find(const Name& label) {
        for (Service& service : services_)
            if (service.label() == label) return &service;
        return nullptr;
    }
    Service* find(Endpoint endpoint) {
        if (endpoint == endpoints::none) return nullptr;
        for (Service& service : services_)
            if (service.endpoint == endpoint) return &service;
        return nullptr;
    }
    Service* at(std::size_t index) { return index < services_.size() ? &services_[index] : nullptr; }
    std::size_t index_of(const Service& service) const { return service.id.value - 1u; }

    auto begin() { return services_.begin(); }
    auto end() { return services_.end(); }

private:
    std::deque<Service> services_; // addresses stay
};

} // namespace tessera::rs
