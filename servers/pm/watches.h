// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Which services are told of signals and deaths of which processes: two bits for each pair of a process and a service,
// in preserved memory. Nothing here can fill up, and a process that nobody watches costs one comparison.

#include "kernel/abi/privileges.h"
#include "servers/pm/system.h"
#include <array>
#include <optional>

namespace tessera::pm {

class Watches {
public:
    struct Flags {
        std::uint64_t watchers = 0;  // bit per ServiceId
        std::uint64_t signalled = 0; // of those, who has not fetched that yet
    };
    struct Memory {
        std::array<Flags, process_limit> processes;        // by slot
        std::array<std::uint64_t, service_limit> services; // the endpoint that watches, by ServiceId; 0: none
    };

    Watches(Memory& memory, System& system) : memory_(memory), system_(system) {}

    // not_permitted: PM may not tell the caller, which is no service or not one that its configuration names.
    Completion watch(Endpoint watcher, Endpoint process);
    void unwatch(Endpoint watcher, Endpoint process);
    // Tells who watches the process.
    void signalled(Endpoint process);
    void died(Endpoint process) { tell(flags(process).watchers); }
    // After a restart of PM: whatever there is to fetch.
    void tell_all();
    bool watched(Endpoint process) const { return memory_.processes[process.slot()].watchers != 0; }
    void forget(Endpoint process) { flags(process) = {}; }

    // The slot of a process of which the watcher is to be told, or process_limit. `dead(slot)`: whether the process
    // there is; to be told of that ends the watch.
    template <class IsDead> std::uint32_t next(Endpoint watcher, IsDead&& dead) {
        const auto service = known(watcher);
        if (!service) return process_limit;
        const std::uint64_t bit = bit_of(*service);
        for (std::uint32_t slot = 0; slot < process_limit; ++slot) {
            Flags& flags = memory_.processes[slot];
            if ((flags.watchers & bit) == 0) continue;
            const bool is_dead = dead(slot);
            if (!is_dead && (flags.signalled & bit) == 0) continue;
            flags.signalled &= ~bit;
            if (is_dead) flags.watchers &= ~bit;
            return slot;
        }
        return process_limit;
    }
    // Of services that are gone.
    void drop_the_gone();

    std::uint64_t notifications() const { return notifications_; }

private:
    static std::uint64_t bit_of(ServiceId service) { return 1ull << service.value; }
    Flags& flags(Endpoint process) { return memory_.processes[process.slot()]; }
    Endpoint watcher_of(ServiceId service) const;
    std::optional<ServiceId> known(Endpoint watcher) const;
    Result<ServiceId> admit(Endpoint watcher);
    void tell(std::uint64_t watchers);
    void drop(ServiceId service);

    Memory& memory_;
    System& system_;
    std::uint64_t notifications_ = 0;
};

} // namespace tessera::pm
