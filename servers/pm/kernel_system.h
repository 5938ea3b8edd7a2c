// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The real system.

#include "kernel/abi/calls/processes.h"
#include "kernel/abi/calls/scheduling.h"
#include "kernel/abi/calls/signals.h"
#include "kernel/abi/calls/time_and_log.h"
#include "kernel/abi/privileges.h"
#include "servers/pm/system.h"
#include "servers/protocols/rs.h"
#include "servers/protocols/vm.h"
#include "servers/runtime/client.h"
#include "servers/runtime/clock.h"
#include "servers/runtime/log_format.h"
#include <optional>

namespace tessera::pm {

class KernelSystem final : public System {
public:
    Result<Endpoint> start_program(const Name& program) override {
        using protocol::rs::ProgramStart;
        return TESSERA_TRY((runtime::call<protocol::rs::RsProtocol, ProgramStart>(endpoints::rs, {.program = program})))
            .endpoint;
    }

    Result<Endpoint> fork_process(Endpoint parent) override {
        return TESSERA_TRY(kernel_call<kernel_calls::ProcessFork>({.endpoint = parent})).child;
    }

    Completion fork_space(Endpoint parent, Endpoint child) override {
        using protocol::vm::SpaceFork;
        TESSERA_TRY(
            (runtime::call<protocol::vm::VmProtocol, SpaceFork>(endpoints::vm, {.parent = parent, .child = child})));
        return Done{};
    }

    Completion exec(Endpoint process, const protocol::pm::Exec::Request& request) override {
        using protocol::vm::SpaceExec;
        TESSERA_TRY((runtime::call<protocol::vm::VmProtocol, SpaceExec>(endpoints::vm,
                                                                        {.process = process,
                                                                         .program = request.program,
                                                                         .arguments = request.arguments,
                                                                         .argument_bytes = request.argument_bytes,
                                                                         .argument_count = request.argument_count})));
        return Done{};
    }

    void destroy_space(Endpoint process) override {
        using protocol::vm::SpaceDestroy;
        const auto done = runtime::call<protocol::vm::VmProtocol, SpaceDestroy>(endpoints::vm, {.process = process});
        if (!done.has_value() && done.error() != Status::no_such)
            log_error("space of {:#x} is not freed: {}", process.value(), status_name(done.error()));
    }

    void destroy_slot(Endpoint process) override {
        const auto done = kernel_call<kernel_calls::ProcessDestroy>({.endpoint = process});
        if (!done.has_value() && done.error() != Status::dead_endpoint)
            log_error("slot of {:#x} is not freed: {}", process.value(), status_name(done.error()));
    }

    Completion kill(Endpoint process) override {
        TESSERA_TRY(kernel_call<kernel_calls::ProcessKill>({.endpoint = process}));
        return Done{};
    }

    Result<kernel_calls::SignalEffect> post_signal(Endpoint process, Signal signal) override {
        return TESSERA_TRY(kernel_call<kernel_calls::SignalPost>({.endpoint = process, .signal = signal})).effect;
    }

    bool lives(Endpoint process) override {
        const auto information = read(process.slot());
        return information && information->endpoint == process && !is_dead(*information);
    }

    Result<ServiceId> service_of(Endpoint process) override {
        const auto information = read(process.slot());
        if (!information || information->endpoint != process) return Status::dead_endpoint;
        return information->service;
    }

    Completion tell(Endpoint service) override { return notify(service); }

    Result<DeathReport> next_death() override { return kernel_call<kernel_calls::ProcessNextDeath>({}); }

    Result<kernel_calls::ScheduleNext::Reply> schedule_next() override {
        return kernel_call<kernel_calls::ScheduleNext>({});
    }

    Completion schedule(Endpoint process, std::uint16_t priority, std::uint32_t quantum_milliseconds) override {
        TESSERA_TRY(kernel_call<kernel_calls::Schedule>(
            {.endpoint = process, .quantum_milliseconds = quantum_milliseconds, .priority = priority}));
        return Done{};
    }

    void ring_after(Nanoseconds delay) override {
        (void)kernel_call<kernel_calls::AlarmSet>({.deadline = now() + delay});
    }

    // A process that is stopped is one that RS is making: a service gets its id in that time.
    std::vector<ProcessInformation> user_processes() override {
        constexpr auto unfinished = static_cast<std::uint32_t>(Blocker::stopped);
        std::vector<ProcessInformation> found;
        for (std::uint32_t slot = 0; const auto information = read(slot); slot = information->endpoint.slot() + 1) {
            const bool made = is_dead(*information) || (information->blockers & unfinished) == 0;
            if (information->service == service_ids::user && made) found.push_back(*information);
        }
        return found;
    }

    Completion answer(Endpoint client, const Message& message) override { return send_nonblocking(client, message); }

private:
    static bool is_dead(const ProcessInformation& information) {
        return (information.blockers & static_cast<std::uint32_t>(Blocker::dead)) != 0;
    }

    // The process in the first used slot from `slot` on.
    static std::optional<ProcessInformation> read(std::uint32_t slot) {
        ProcessInformation information;
        const auto reply = kernel_call<kernel_calls::ProcessRead>(
            {.slot = slot, .address = {reinterpret_cast<std::uint64_t>(&information)}});
        return reply.has_value() ? std::optional(information) : std::nullopt;
    }
};

} // namespace tessera::pm
