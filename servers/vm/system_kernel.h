// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The kernel that VM runs on.

#include "kernel/abi/calls/grants.h"
#include "kernel/abi/calls/privileges.h"
#include "kernel/abi/calls/processes.h"
#include "kernel/abi/calls/spaces.h"
#include "kernel/abi/counters.h"
#include "servers/runtime/kernel.h"
#include "servers/runtime/log.h"
#include "servers/vm/kernel_interface.h"

namespace tessera::vm {

class SystemKernel final : public KernelInterface {
public:
    Completion root_entries_set(PhysicalAddress page) override {
        return done<kernel_calls::RootEntriesSet>({.page = page});
    }
    Completion space_bind(Endpoint process, VirtualAddress entry, VirtualAddress stack) override {
        return done<kernel_calls::SpaceBind>({.endpoint = process, .entry = entry, .stack = stack});
    }
    Completion space_attach(Endpoint process) override {
        return done<kernel_calls::SpaceAttach>({.endpoint = process});
    }
    Completion space_unbind(Endpoint process) override {
        return done<kernel_calls::SpaceUnbind>({.endpoint = process});
    }
    void space_flush(Endpoint process) override { (void)done<kernel_calls::SpaceFlush>({.endpoint = process}); }
    Completion process_start(Endpoint process) override {
        return done<kernel_calls::ProcessStart>({.endpoint = process});
    }
    void fault_resolve(Endpoint process, Status status) override {
        (void)done<kernel_calls::FaultResolve>({.endpoint = process, .status = status});
    }
    Result<Privileges> privileges(Endpoint process) override {
        Privileges privileges;
        TESSERA_TRY(kernel_call<kernel_calls::PrivilegeGet>({.endpoint = process, .address = address_of(&privileges)}));
        return privileges;
    }
    bool awaits_answer(Endpoint process, Endpoint server) override {
        ProcessInformation information;
        const auto read =
            kernel_call<kernel_calls::ProcessRead>({.slot = process.slot(), .address = address_of(&information)});
        constexpr auto waits = static_cast<std::uint32_t>(Blocker::receiving);
        return read.has_value() && information.endpoint == process && (information.blockers & ~held) == waits &&
               information.waits_for == server;
    }
    Completion copy_from(Endpoint grantor, GrantId grant, std::uint64_t offset, std::span<std::byte> to) override {
        return done<kernel_calls::SafecopyFrom>({.grantor = grantor,
                                                 .grant = grant,
                                                 .offset = offset,
                                                 .address = address_of(to.data()),
                                                 .bytes = to.size()});
    }
    Result<GrantPath> grant_resolve(const GrantUse& use) override {
        GrantPath path;
        const auto resolved = kernel_call<kernel_calls::GrantResolve>({.grantee = use.grantee,
                                                                       .grantor = use.grantor,
                                                                       .grant = use.grant,
                                                                       .rights = use.rights,
                                                                       .offset = use.offset,
                                                                       .bytes = use.bytes,
                                                                       .address = address_of(&path)});
        if (resolved.has_value()) return path;
        return resolved.error() == Status::bad_address ? Status::not_permitted : resolved.error();
    }
    void log(LogLevel level, std::string_view text) override { log_line(level, text); }

private:
    static constexpr auto held = static_cast<std::uint32_t>(Blocker::stopped); // it may be stopped besides

    static VirtualAddress address_of(const void* pointer) { return {reinterpret_cast<std::uint64_t>(pointer)}; }
    template <class Call> static Completion done(const typename Call::Request& request) {
        TESSERA_TRY(kernel_call<Call>(request));
        return Done{};
    }
};

} // namespace tessera::vm
