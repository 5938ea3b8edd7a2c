// SPDX-License-Identifier: BSD-3-Clause
#include "servers/rs/supervisor.h"
#include "kernel/abi/calls/information.h"
#include "servers/rs/death_text.h"
#include "servers/runtime/clock.h"
#include <algorithm>
#include <format>
#include <utility>

namespace tessera::rs {

using protocol::rs::RestartPolicy;

Timer Supervisor::timer(Purpose purpose, const Service& service) const {
    return {.purpose = purpose, .subject = services_.index_of(service)};
}

// ---- start

void Supervisor::start(Service& service) {
    if (service.has_process()) return;
    service.backoff.reset();
    launch(service);
}

void Supervisor::launch(Service& service) {
    timers_.cancel(timer(Purpose::restart, service));
    const auto process = launcher_.create(service);
    if (process.has_value()) {
        begin_life(service, *process);
        return;
    }
    machine_.log(LogLevel::error, std::format("{}: cannot be started from \"{}\": {}", service.label().view(),
                                              service.configuration.program, status_name(process.error())));
    schedule_restart(service);
}

void Supervisor::begin_life(Service& service, Endpoint process) {
    service.endpoint = process;
    service.started = machine_.now();
    service.heartbeats_missed = 0;
    service.kill_reason.reset();
    service.restart_requested = false;
    if (service.device) machine_.set_bus_mastering(service.device->location, BusMastering::on);
    if (service.configuration.heartbeat.value != 0)
        timers_.set(timer(Purpose::start_limit, service), service.started + start_limit);
    // DS must know the label before the service can call it.
    enter(service, ServiceState::starting);
    const auto started = machine_.start_process(process);
    if (!started.has_value())
        machine_.log(LogLevel::error, std::format("{}: its process cannot be let run: {}", service.label().view(),
                                                  status_name(started.error())));
}

Completion Supervisor::ready(Endpoint process) {
    Service* const service = services_.find(process);
    if (service == nullptr) return Status::no_such;
    if (service->state != ServiceState::starting) return Done{};
    service->backoff.became_ready(machine_.now());
    timers_.cancel(timer(Purpose::start_limit, *service));
    if (service->configuration.heartbeat.value != 0) heartbeat_due(*service);
    enter(*service, ServiceState::running);
    return Done{};
}

void Supervisor::start_limit_reached(Service& service) {
    if (service.state == ServiceState::starting) (void)kill(service, KillReason::not_ready_in_time);
}

// ---- heartbeat

void Supervisor::heartbeat_due(Service& service) {
    if (!service.has_process()) return;
    if (service.heartbeats_missed >= heartbeats_missed_limit) {
        (void)kill(service, KillReason::heartbeat_missed);
        return;
    }
    ++service.heartbeats_missed; // until it answers
    machine_.notify(service.endpoint);
    timers_.set(timer(Purpose::heartbeat, service), machine_.now() + service.configuration.heartbeat);
}

void Supervisor::heartbeat_answered(Endpoint process) {
    if (Service* const service = services_.find(process)) service->heartbeats_missed = 0;
}

// ---- death

Completion Supervisor::kill(Service& service, KillReason reason) {
    if (!service.has_process()) return Status::dead_endpoint;
    if (!service.kill_reason) service.kill_reason = reason;
    return machine_.kill_process(service.endpoint);
}

void Supervisor::fetch_deaths() {
    // A death for each slot, and as many again for those that die meanwhile: then others have their turn.
    for (std::uint32_t i = 0; i < 2 * process_limit; ++i) {
        const auto report = machine_.next_death();
        if (!report.has_value()) return;
        died(*report);
    }
}

void Supervisor::died(const DeathReport& report) {
    Service* const service = services_.find(report.endpoint);
    if (service == nullptr) {
        launcher_.reap(report.endpoint); // a user process whose manager is gone
        return;
    }
    record_death(*service, report);
    release_process(*service);
    decide_after_death(*service);
}

void Supervisor::record_death(Service& service, const DeathReport& report) {
    service.last_cause = report.cause;
    service.last_detail = report.detail;
    if (report.cause == DeathCause::killed)
        service.last_detail = static_cast<std::uint64_t>(service.kill_reason.value_or(KillReason::on_request));
    machine_.log(LogLevel::warning,
                 std::format("{}: died at {:#x}: {}", service.label().view(), report.instruction_pointer,
                             death_text(service.last_cause, service.last_detail)));
}

void Supervisor::release_process(Service& service) {
    for (const Purpose purpose : {Purpose::heartbeat, Purpose::start_limit}) timers_.cancel(timer(purpose, service));
    if (service.device) machine_.set_bus_mastering(service.device->location, BusMastering::off);
    const Endpoint dead = std::exchange(service.endpoint, endpoints::none);
    if (service.origin == Origin::kernel) return;
    if (service.keeps_memory())
        service.predecessor = dead;
    else
        launcher_.reap(dead);
}

void Supervisor::decide_after_death(Service& service) {
    if (std::exchange(service.restart_requested, false)) {
        service.backoff.reset();
        ++service.restarts;
        launch(service);
        return;
    }
    switch (service.configuration.restart.policy) {
    case RestartPolicy::always:
        schedule_restart(service);
        return;
    case RestartPolicy::never:
        end(service, service.last_cause == DeathCause::exited && service.last_detail == 0 ? ServiceState::stopped
                                                                                          : ServiceState::failed);
        return;
    case RestartPolicy::shutdown:
        machine_.log(LogLevel::error,
                     std::format("{}: the machine cannot go on without it and stops", service.label().view()));
        end(service, ServiceState::failed);
        machine_.stop(kernel_calls::MachineStop::power_off);
        return;
    }
}

// ---- restart

// By a timer even when there is nothing to wait for: a start that fails comes back here.
void Supervisor::schedule_restart(Service& service) {
    const auto delay = service.backoff.after_death(machine_.now());
    if (!delay) {
        machine_.log(LogLevel::error,
                     std::format("{}: given up: it died {} times before it was ready", service.label().view(),
                                 service.configuration.restart.give_up->deaths));
        end(service, ServiceState::failed);
        return;
    }
    timers_.set(timer(Purpose::restart, service), machine_.now() + *delay);
    enter(service, ServiceState::restarting);
}

void Supervisor::restart_due(Service& service) {
    if (service.has_process()) return;
    ++service.restarts;
    machine_.log(LogLevel::info, std::format("{}: restart {}", service.label().view(), service.restarts));
    launch(service);
}

Endpoint Supervisor::restart(Service& service) {
    const Endpoint old = service.endpoint;
    if (!service.has_process()) {
        start(service);
        return old;
    }
    service.restart_requested = true;
    (void)kill(service, KillReason::on_request); // when it is dead already, its death is on the way
    return old;
}

void Supervisor::end(Service& service, ServiceState state) {
    const Endpoint predecessor = std::exchange(service.predecessor, endpoints::none);
    if (predecessor != endpoints::none) launcher_.reap(predecessor);
    enter(service, state);
}

void Supervisor::enter(Service& service, ServiceState state) {
    service.state = state;
    lookups_.service_changed(service);
    // DS reads the labels anew.
    if (const Service* const ds = services_.find(Name("ds")); ds != nullptr && ds->has_process())
        machine_.notify(ds->endpoint);
}

} // namespace tessera::rs
