// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Page faults of processes, and the kernel's requests for memory that it needs on a process's behalf.

#include "kernel/abi/message.h"
#include "servers/vm/event_counters.h"
#include "servers/vm/spaces.h"

namespace tessera::vm {

class Faults {
public:
    // Pages that one request supplies before the kernel is told to go on; it asks again for the rest. No request holds
    // up the other processes for long.
    static constexpr std::uint64_t pages_at_once = 1024;

    // How often in a row the same access may fault though everything for it is there. Some of that is right: stale
    // translations, several processes that wait for one page. Without an end it would be a kernel that spins.
    static constexpr std::uint32_t idle_limit = 1024;

    Faults(Spaces& spaces, KernelInterface& kernel, EventCounters& counters)
        : spaces_(spaces),
          kernel_(kernel),
          counters_(counters) {}

    void handle(Endpoint process, const FaultMessage& fault);
    void handle(Endpoint waiter, const MemoryRequest& request);

private:
    Result<Resolution> resolve(Endpoint process, VirtualAddress address, std::uint64_t bytes, Access access);
    Completion check_progress(Endpoint process, VirtualAddress address, Resolution resolution);
    Result<Resolution> resolve_page(Space& space, VirtualAddress page, Access access);

    Spaces& spaces_;
    KernelInterface& kernel_;
    EventCounters& counters_;
    Endpoint idle_process_; // of the last access for which nothing had to be done
    VirtualAddress idle_address_;
    std::uint32_t idle_count_ = 0;
};

} // namespace tessera::vm
