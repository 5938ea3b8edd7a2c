// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The real system.

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

    void reap(Endpoint process) override {
        using protocol::vm::SpaceDestroy;
        const auto space = runtime::call<protocol::vm::VmProtocol, SpaceDestroy>(endpoints::vm, {.process = process});
        if (!space.has_value() && space.error() != Status::no_such)
            log_error("space of {:#x} is not freed: {}", process.value(), status_name(space.error()));
        const auto slot = kernel_call<kernel_calls::ProcessDestroy>({.endpoint = process});
        if (!slot.has_value() && slot.error() != Status::dead_endpoint)
            log_error("slot of {:#x} is not freed: {}", process.value(), status_name(slot.error()));
    }

    Completion kill(Endpoint process) override {
        TESSERA_TRY(kernel_call<kernel_calls::ProcessKill>({.endpoint = process}));
        return Done{};
    }

    bool lives(Endpoint process) override {
        const auto information = read(process.slot());
        return information && information->endpoint == process && !is_dead(*information);
    }

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

    // A process that is stopped or has no space yet is one that RS is making: a service gets its id in that time.
    std::vector<ProcessInformation> user_processes() override {
        constexpr auto unfinished =
            static_cast<std::uint32_t>(Blocker::stopped) | static_cast<std::uint32_t>(Blocker::no_space);
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
