// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// What the privileged fuzzer must not do, because it is allowed to: README.md says why for each.

#include "kernel/abi/calls/information.h"
#include "kernel/abi/calls/privileges.h"
#include "kernel/abi/calls/processes.h"
#include "kernel/abi/calls/signals.h"
#include "kernel/abi/calls/spaces.h"
#include "servers/configuration/kernel_call_names.h"
#include "servers/runtime/kernel.h"
#include "tests/guest-fuzz/cast.h"
#include "tests/guest-fuzz/random.h"

namespace tessera::guest_fuzz {

class Restraints {
public:
    // `own`: the service id of the fuzzer; `process_manager`: that of PM.
    Restraints(Random& random, Cast& cast, ServiceId own, ServiceId process_manager)
        : random_(random),
          cast_(cast),
          own_(own),
          process_manager_(process_manager) {}

    template <class Call> void before(typename Call::Request& request) {
        using namespace kernel_calls;
        if constexpr (changes_process<Call>)
            if (!may_change<Call>(request.endpoint)) request.endpoint = endpoints::none;
        if constexpr (std::is_same_v<Call, RootEntriesSet>)
            if (request.page.value < memory_limit) request.page.value |= 1;
        if constexpr (std::is_same_v<Call, MachineControl>)
            if (request.action <= MachineStop::reboot) request.action = static_cast<MachineStop>(2);
        if constexpr (std::is_same_v<Call, ProcessCreate> || std::is_same_v<Call, ProcessFork>) make_room();
        if constexpr (std::is_same_v<Call, PrivilegeSet>)
            if (Cast::contains(cast_.users, request.endpoint) || random_.one_in(2))
                request.address = prepare(request.endpoint);
    }

    template <class Call> void after(const typename Call::Request& request, Status status, const Message& reply) {
        using namespace kernel_calls;
        if (status != Status::ok) return;
        if constexpr (std::is_same_v<Call, ProcessCreate>)
            cast_.bare.push_back(unpack<ProcessCreate::Reply>(reply).endpoint);
        if constexpr (std::is_same_v<Call, ProcessFork>) cast_.bare.push_back(unpack<ProcessFork::Reply>(reply).child);
        if constexpr (std::is_same_v<Call, ProcessDestroy>) std::erase(cast_.bare, request.endpoint);
    }

    // Takes every free slot, until the kernel has none. Only then is there more than bare_limit.
    template <class Caller> void fill_process_table(Caller& caller) {
        filling_ = true;
        while (caller.template perform<kernel_calls::ProcessCreate>({.process_name = Name("filler")}) == Status::ok) {
        }
        filling_ = false;
    }

private:
    static constexpr std::size_t bare_limit = 32;
    static constexpr std::uint64_t memory_limit = 1ull << 36; // no test machine has memory beyond

    template <class Call, class... Calls> static constexpr bool is_one_of = (std::is_same_v<Call, Calls> || ...);

    template <class Call>
    static constexpr bool changes_process =
        is_one_of<Call, kernel_calls::ProcessDestroy, kernel_calls::ProcessStart, kernel_calls::ProcessStop,
                  kernel_calls::ProcessKill, kernel_calls::ProcessInject, kernel_calls::SignalPost,
                  kernel_calls::PrivilegeSet, kernel_calls::SpaceBind, kernel_calls::SpaceAttach,
                  kernel_calls::SpaceUnbind, kernel_calls::FaultResolve>;

    // Only its own processes, and whom the kernel must refuse.
    template <class Call> bool may_change(Endpoint endpoint) const {
        using namespace kernel_calls;
        if (endpoint == cast_.partner) return false;
        if (endpoint == endpoints::rs) return !is_one_of<Call, SpaceBind, FaultResolve>;
        if (endpoint == endpoints::vm) return true;
        if (endpoint == cast_.self)
            return !is_one_of<Call, ProcessStop, ProcessKill, SignalPost, PrivilegeSet, SpaceBind>;
        if (Cast::contains(cast_.users, endpoint)) return !is_one_of<Call, ProcessDestroy>;
        return !Cast::contains(cast_.others, endpoint);
    }

    void make_room() {
        if (filling_) return;
        for (; cast_.bare.size() >= bare_limit; cast_.bare.pop_back())
            (void)kernel_call<kernel_calls::ProcessDestroy>({.endpoint = cast_.bare.back()});
    }

    // Privileges that a process of the fuzzer may have: no right to hurt others, and the supervisor that reaps it.
    VirtualAddress prepare(Endpoint endpoint) {
        const bool runs = Cast::contains(cast_.users, endpoint);
        prepared_ = {};
        prepared_.send_mask = random_.word();
        prepared_.kernel_call_mask = random_.word() & configuration::basic_kernel_calls;
        prepared_.primitive_mask = static_cast<std::uint32_t>(random_.word());
        prepared_.service = {static_cast<std::uint8_t>(unused_services + random_.below(20))};
        // One that runs must not keep others from running.
        prepared_.priority = static_cast<std::uint8_t>(runs ? priority_count - 1 : random_.below(priority_count + 2));
        prepared_.interrupt_count = count(privilege_interrupt_limit);
        prepared_.io_range_count = count(privilege_io_range_limit);
        prepared_.memory_range_count = count(privilege_memory_range_limit);
        prepared_.magic_grants = static_cast<MagicGrants>(count(1));
        prepared_.supervisor = runs ? process_manager_ : own_;
        if (!runs) prepared_.scheduler = own_;
        prepared_.quantum_milliseconds = static_cast<std::uint32_t>(random_.word());
        for (InterruptLine& line : prepared_.interrupts) line.value = static_cast<std::uint32_t>(random_.word());
        for (IoPortRange& range : prepared_.io_ranges)
            range = {static_cast<std::uint16_t>(random_.below(0x8000)), static_cast<std::uint16_t>(random_.word())};
        for (PhysicalRange& range : prepared_.memory_ranges) range = {{random_.word()}, random_.word() >> 1};
        return {reinterpret_cast<std::uint64_t>(&prepared_)};
    }

    std::uint8_t count(std::size_t limit) {
        return static_cast<std::uint8_t>(random_.one_in(8) ? limit + 1 : random_.below(3));
    }

    static constexpr std::uint64_t unused_services = 48; // RS gives ids from 3 upwards; 64 and more are none

    Random& random_;
    Cast& cast_;
    ServiceId own_;
    ServiceId process_manager_;
    Privileges prepared_{};
    bool filling_ = false;
};

} // namespace tessera::guest_fuzz
