// SPDX-License-Identifier: BSD-3-Clause
#include "servers/rs/requests.h"
#include "kernel/abi/calls/information.h"
#include "servers/runtime/clock.h"

namespace tessera::rs {

using namespace protocol::rs;
using configuration::Control;

// ---- endpoints of services

Requests::Outcome<Lookup> Requests::handle(Lookup, const Lookup::Request& request, Endpoint caller) {
    const Service* const service = services_.find(request.label);
    if (service == nullptr) return Status::no_such;
    switch (service->state) {
    case ServiceState::running:
        return Lookup::Reply{.endpoint = service->endpoint};
    case ServiceState::starting:
    case ServiceState::restarting:
        if (request.wait != LookupWait::until_running) return Status::try_again;
        lookups_.wait(caller, *service);
        return runtime::Deferred{};
    case ServiceState::stopped:
    case ServiceState::failed:
        return Status::no_such;
    }
    return Status::no_such;
}

Requests::Outcome<Ready> Requests::handle(Ready, const Ready::Request&, Endpoint caller) {
    const auto result = supervisor_.ready(caller);
    if (!result.has_value()) return result.error();
    return protocol::Nothing{};
}

Requests::Outcome<ServiceNext> Requests::handle(ServiceNext, const ServiceNext::Request& request, Endpoint) {
    const Service* const service = services_.at(request.index);
    if (service == nullptr) return Status::no_entry;
    constexpr std::uint64_t nanoseconds_per_millisecond = 1'000'000;
    return ServiceNext::Reply{
        .label = service->label(),
        .endpoint = service->endpoint,
        .restarts = service->restarts,
        .state = service->state,
        .policy = service->configuration.restart.policy,
        .priority = service->configuration.priority,
        .last_cause = service->last_cause,
        .heartbeat_milliseconds =
            static_cast<std::uint16_t>(service->configuration.heartbeat.value / nanoseconds_per_millisecond),
        .index = static_cast<std::uint16_t>(request.index),
        .last_detail = service->last_detail,
        .started = service->started,
    };
}

Requests::Outcome<ServiceRestart> Requests::handle(ServiceRestart, const ServiceRestart::Request& request,
                                                   Endpoint caller) {
    if (!may_control(caller, Control::services)) return Status::not_permitted;
    Service* const service = services_.find(request.label);
    if (service == nullptr) return Status::no_such;
    if (service->origin == Origin::kernel) return Status::not_permitted;
    return ServiceRestart::Reply{.old_endpoint = supervisor_.restart(*service)};
}

// ---- faults on purpose

Requests::Outcome<FaultArm> Requests::handle(FaultArm, const FaultArm::Request& request, Endpoint caller) {
    if (!may_control(caller, Control::faults)) return Status::not_permitted;
    const auto number = faults_.arm(request.target, request.model, request.delay_milliseconds);
    if (!number.has_value()) return number.error();
    return FaultArm::Reply{.fault = *number};
}

Requests::Outcome<FaultNext> Requests::handle(FaultNext, const FaultNext::Request& request, Endpoint) {
    const Fault* const fault = faults_.next(request.fault);
    if (fault == nullptr) return Status::no_entry;
    return FaultNext::Reply{.fault = fault->number,
                            .target = fault->target,
                            .fired_at = fault->fired_at,
                            .endpoint = fault->endpoint,
                            .model = fault->model,
                            .state = fault->state};
}

Requests::Outcome<FaultDisarm> Requests::handle(FaultDisarm, const FaultDisarm::Request& request, Endpoint caller) {
    if (!may_control(caller, Control::faults)) return Status::not_permitted;
    const auto state = faults_.disarm(request.fault);
    if (!state.has_value()) return state.error();
    return FaultDisarm::Reply{.state = *state};
}

// ---- devices, programs, the machine

Requests::Outcome<DeviceInformation> Requests::handle(DeviceInformation, const DeviceInformation::Request&,
                                                      Endpoint caller) {
    const Service* const service = services_.find(caller);
    if (service == nullptr || !service->device) return Status::no_device;
    const configuration::Device& device = service->device->resources;
    return DeviceInformation::Reply{.registers = device.registers.base,
                                    .register_bytes = device.registers.bytes,
                                    .interrupt = device.interrupt,
                                    .vendor = device.id.vendor,
                                    .device = device.id.device};
}

Requests::Outcome<ProgramStart> Requests::handle(ProgramStart, const ProgramStart::Request& request, Endpoint caller) {
    const Service* const manager = services_.find(caller);
    if (manager == nullptr || manager->label() != Name("pm")) return Status::not_permitted;
    const auto process = launcher_.create_user_process(request.program.view(), manager->id);
    if (!process.has_value()) return process.error();
    const auto started = machine_.start_process(*process);
    if (!started.has_value()) return started.error();
    return ProgramStart::Reply{.endpoint = *process};
}

Requests::Outcome<MachineStop> Requests::handle(MachineStop, const MachineStop::Request& request, Endpoint caller) {
    if (!may_control(caller, Control::machine)) return Status::not_permitted;
    if (request.action != kernel_calls::MachineStop::power_off && request.action != kernel_calls::MachineStop::reboot)
        return Status::invalid;
    timers_.set({.purpose = Purpose::machine_stop, .subject = static_cast<std::uint64_t>(request.action)},
                machine_.now() + milliseconds(request.delay_milliseconds));
    return protocol::Nothing{};
}

bool Requests::may_control(Endpoint caller, Control what) {
    const Service* const service = services_.find(caller);
    return service != nullptr && service->configuration.may_control(what);
}

// ---- time

void Requests::timers_due() {
    while (const auto timer = timers_.take_due(machine_.now())) due(*timer);
}

void Requests::due(const Timer& timer) {
    if (timer.purpose == Purpose::fault) {
        faults_.due(timer.subject);
        return;
    }
    if (timer.purpose == Purpose::machine_stop) {
        machine_.log(LogLevel::info, "the machine stops on request");
        machine_.stop(static_cast<kernel_calls::MachineStop>(timer.subject));
        return;
    }
    Service* const service = services_.at(timer.subject);
    if (service == nullptr) return;
    if (timer.purpose == Purpose::restart) supervisor_.restart_due(*service);
    if (timer.purpose == Purpose::heartbeat) supervisor_.heartbeat_due(*service);
    if (timer.purpose == Purpose::start_limit) supervisor_.start_limit_reached(*service);
}

} // namespace tessera::rs
