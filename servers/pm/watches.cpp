// SPDX-License-Identifier: BSD-3-Clause
#include "servers/pm/watches.h"
#include <bit>

namespace tessera::pm {

Endpoint Watches::watcher_of(ServiceId service) const {
    return Endpoint::from_value(static_cast<std::uint32_t>(memory_.services[service.value]));
}

// The service id of one that watches already.
std::optional<ServiceId> Watches::known(Endpoint watcher) const {
    for (std::uint8_t id = 0; id < service_limit; ++id)
        if (watcher != endpoints::none && watcher_of({id}) == watcher) return ServiceId{id};
    return std::nullopt;
}

// Whether PM may tell a service is in its privileges: the first notification is the test, and says nothing.
Result<ServiceId> Watches::admit(Endpoint watcher) {
    if (const auto service = known(watcher)) return *service;
    const ServiceId service = TESSERA_TRY(system_.service_of(watcher));
    if (service == service_ids::user || !system_.tell(watcher).has_value()) return Status::not_permitted;
    drop(service); // what a predecessor watched
    memory_.services[service.value] = watcher.value();
    return service;
}

Completion Watches::watch(Endpoint watcher, Endpoint process) {
    const ServiceId service = TESSERA_TRY(admit(watcher));
    flags(process).watchers |= bit_of(service);
    return Done{};
}

void Watches::unwatch(Endpoint watcher, Endpoint process) {
    const auto service = known(watcher);
    if (!service) return;
    flags(process).watchers &= ~bit_of(*service);
    flags(process).signalled &= ~bit_of(*service);
}

void Watches::signalled(Endpoint process) {
    Flags& each = flags(process);
    if (each.watchers == 0) return;
    each.signalled |= each.watchers;
    tell(each.watchers);
}

void Watches::tell_all() {
    std::uint64_t watchers = 0;
    for (const Flags& each : memory_.processes) watchers |= each.watchers;
    tell(watchers);
}

void Watches::tell(std::uint64_t watchers) {
    for (; watchers != 0; watchers &= watchers - 1) {
        const ServiceId service{static_cast<std::uint8_t>(std::countr_zero(watchers))};
        if (system_.tell(watcher_of(service)).has_value())
            ++notifications_;
        else
            drop(service);
    }
}

void Watches::drop_the_gone() {
    for (std::uint8_t id = 0; id < service_limit; ++id)
        if (memory_.services[id] != 0 && !system_.lives(watcher_of({id}))) drop({id});
}

void Watches::drop(ServiceId service) {
    memory_.services[service.value] = 0;
    for (Flags& each : memory_.processes) {
        each.watchers &= ~bit_of(service);
        each.signalled &= ~bit_of(service);
    }
}

} // namespace tessera::pm
