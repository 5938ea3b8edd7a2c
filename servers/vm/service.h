// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The operations of the VM protocol: who may call, what arguments are sane, and which part does the work. Callers and
// all they say are untrusted.

#include "kernel/abi/boot_info.h"
#include "servers/protocols/vm.h"
#include "servers/runtime/server.h"
#include "servers/vm/event_counters.h"
#include "servers/vm/faults.h"
#include "servers/vm/image_loader.h"
#include "servers/vm/own_space.h"
#include "servers/vm/random_source.h"
#include "servers/vm/sharing.h"
#include "servers/vm/spaces.h"

namespace tessera::vm {

class Service {
public:
    template <class Reply> using Outcome = runtime::Outcome<Reply>;
    using Nothing = protocol::Nothing;

    Service(const SpaceEnvironment& environment, Spaces& spaces, Programs& programs, RandomSource& random,
            const BootInfo& boot_info)
        : environment_(environment),
          spaces_(spaces),
          programs_(programs),
          random_(random),
          boot_info_(boot_info),
          loader_(environment),
          faults_(spaces, environment.kernel, counters_),
          own_space_(environment.frames.view(), PageEntry::from_raw(boot_info.vm_root_entry)) {}

    // service_spaces.cpp: for RS and supervisors
    Outcome<Nothing> handle(protocol::vm::SpaceCreate, const protocol::vm::SpaceCreate::Request&, Endpoint caller);
    Outcome<Nothing> handle(protocol::vm::ImageLoad, const protocol::vm::ImageLoad::Request&, Endpoint caller);
    Outcome<Nothing> handle(protocol::vm::SpaceFork, const protocol::vm::SpaceFork::Request&, Endpoint caller);
    Outcome<Nothing> handle(protocol::vm::SpaceExec, const protocol::vm::SpaceExec::Request&, Endpoint caller);
    Outcome<Nothing> handle(protocol::vm::SpaceDestroy, const protocol::vm::SpaceDestroy::Request&, Endpoint caller);
    Outcome<protocol::vm::ArchiveMap::Reply> handle(protocol::vm::ArchiveMap, const Nothing&, Endpoint caller);

    // service_mapping.cpp: for every process, on its own memory
    Outcome<protocol::vm::Map::Reply> handle(protocol::vm::Map, const protocol::vm::Map::Request&, Endpoint caller);
    Outcome<protocol::vm::Break::Reply> handle(protocol::vm::Break, const protocol::vm::Break::Request&,
                                               Endpoint caller);
    Outcome<Nothing> handle(protocol::vm::Unmap, const protocol::vm::Unmap::Request&, Endpoint caller);
    Outcome<Nothing> handle(protocol::vm::Protect, const protocol::vm::Protect::Request&, Endpoint caller);
    Outcome<protocol::vm::DeviceMap::Reply> handle(protocol::vm::DeviceMap, const protocol::vm::DeviceMap::Request&,
                                                   Endpoint caller);
    Outcome<protocol::vm::OwnMemory::Reply> handle(protocol::vm::OwnMemory, const Nothing&, Endpoint caller);

    // service_sharing.cpp: shared memory, and memory for devices
    Outcome<protocol::vm::ContiguousMap::Reply> handle(protocol::vm::ContiguousMap,
                                                       const protocol::vm::ContiguousMap::Request&, Endpoint caller);
    Outcome<protocol::vm::Remap::Reply> handle(protocol::vm::Remap, const protocol::vm::Remap::Request&,
                                               Endpoint caller);
    Outcome<Nothing> handle(protocol::vm::SharedUnmap, const protocol::vm::SharedUnmap::Request&, Endpoint caller);
    Outcome<protocol::vm::SharedStatus::Reply> handle(protocol::vm::SharedStatus,
                                                      const protocol::vm::SharedStatus::Request&, Endpoint caller);

    // service_grants.cpp: memory that processes grant each other
    Outcome<protocol::vm::Safemap::Reply> handle(protocol::vm::Safemap, const protocol::vm::Safemap::Request&,
                                                 Endpoint caller);
    Outcome<Nothing> handle(protocol::vm::Safeunmap, const protocol::vm::Safeunmap::Request&, Endpoint caller);
    Outcome<protocol::vm::Saferevoke::Reply> handle(protocol::vm::Saferevoke, const protocol::vm::Saferevoke::Request&,
                                                    Endpoint caller);
    Outcome<protocol::vm::Saferevoke::Reply> handle(protocol::vm::SaferevokeRange,
                                                    const protocol::vm::SaferevokeRange::Request&, Endpoint caller);
    Outcome<Nothing> handle(protocol::vm::Safecopy, const protocol::vm::Safecopy::Request&, Endpoint caller);
    Outcome<protocol::vm::SafemapNext::Reply> handle(protocol::vm::SafemapNext,
                                                     const protocol::vm::SafemapNext::Request&, Endpoint);
    Outcome<protocol::vm::SafemapHop::Reply> handle(protocol::vm::SafemapHop, const protocol::vm::SafemapHop::Request&,
                                                    Endpoint);

    // service_information.cpp
    Outcome<protocol::vm::MemoryStatistics::Reply> handle(protocol::vm::MemoryStatistics, const Nothing&, Endpoint);
    Outcome<protocol::vm::EventCounts::Reply> handle(protocol::vm::EventCounts,
                                                     const protocol::vm::EventCounts::Request&, Endpoint);
    Outcome<protocol::vm::SpaceStatistics::Reply> handle(protocol::vm::SpaceStatistics,
                                                         const protocol::vm::SpaceStatistics::Request&, Endpoint);
    Outcome<protocol::vm::RegionNext::Reply> handle(protocol::vm::RegionNext, const protocol::vm::RegionNext::Request&,
                                                    Endpoint);

    Outcome<protocol::vm::PagesCount::Reply> handle(protocol::vm::PagesCount, const protocol::vm::PagesCount::Request&,
                                                    Endpoint);
    Outcome<protocol::vm::SharedRunNext::Reply> handle(protocol::vm::SharedRunNext,
                                                       const protocol::vm::SharedRunNext::Request&, Endpoint);
    Outcome<protocol::vm::SharedMemoryNext::Reply> handle(protocol::vm::SharedMemoryNext,
                                                          const protocol::vm::SharedMemoryNext::Request&, Endpoint);
    Outcome<protocol::vm::FreeRangeNext::Reply> handle(protocol::vm::FreeRangeNext,
                                                       const protocol::vm::FreeRangeNext::Request&, Endpoint);

    // Faults and memory requests.
    void kernel_message(const Received& received);
    void notified(Endpoint, const NotificationMessage&) {}

private:
    Result<protocol::vm::RegionNext::Reply> own_region_after(VirtualAddress from) const;
    Result<protocol::vm::PagesCount::Reply> own_pages_count(VirtualAddress from) const;
    SharingScan sharing() const { return {spaces_, environment_.frames, environment_.shared}; }
    Completion execute(ProcessMemory& memory, const Program& program, const ProgramArguments& arguments);
    bool supervises(Endpoint caller, const ProcessMemory& memory);
    Result<AddressRange> place(const Space& space, VirtualAddress hint, std::uint64_t bytes) const;
    Completion map_region(Space& space, Region& region, const protocol::vm::Map::Request& request) const;
    Completion map_shared(Space& space, Region& region, const protocol::vm::Map::Request& request);
    Result<Space*> reachable(Endpoint process, Endpoint caller);
    bool touches_ram(PhysicalAddress base, std::uint64_t bytes) const;

    SpaceEnvironment environment_;
    Spaces& spaces_;
    Programs& programs_;
    RandomSource& random_;
    const BootInfo& boot_info_;
    ImageLoader loader_;
    EventCounters counters_;
    Faults faults_;
    OwnSpace own_space_;
    Endpoint last_supervisor_ = endpoints::none; // who asked last, and the service that it is
    ServiceId last_supervisor_service_{};
};

} // namespace tessera::vm
