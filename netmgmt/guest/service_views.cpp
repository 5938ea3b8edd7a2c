// SPDX-License-Identifier: BSD-3-Clause
#include "netmgmt/guest/errors.h"
#include "netmgmt/guest/server_views.h"
#include "servers/runtime/clock.h"
#include <format>

namespace tessera::netmgmt::guest {

namespace {

using namespace protocol::rs;

constexpr std::string_view rs_name = "rs";

template <class Operation> Result<typename Operation::Reply> ask(const typename Operation::Request& request) {
    return runtime::call<RsProtocol, Operation>(endpoints::rs, request);
}

netmgmt::ServiceState state_of(protocol::rs::ServiceState state) {
    switch (state) {
    case protocol::rs::ServiceState::starting:
        return netmgmt::ServiceState::starting;
    case protocol::rs::ServiceState::running:
        return netmgmt::ServiceState::running;
    case protocol::rs::ServiceState::restarting:
        return netmgmt::ServiceState::restarting;
    case protocol::rs::ServiceState::stopped:
        return netmgmt::ServiceState::stopped;
    case protocol::rs::ServiceState::failed:
        return netmgmt::ServiceState::failed;
    }
    return netmgmt::ServiceState::failed;
}

netmgmt::RestartPolicy policy_of(protocol::rs::RestartPolicy policy) {
    switch (policy) {
    case protocol::rs::RestartPolicy::always:
        return netmgmt::RestartPolicy::always;
    case protocol::rs::RestartPolicy::never:
        return netmgmt::RestartPolicy::never;
    case protocol::rs::RestartPolicy::shutdown:
        return netmgmt::RestartPolicy::shutdown;
    }
    return netmgmt::RestartPolicy::never;
}

std::optional<std::string> reason_of(DeathCause cause, std::uint64_t detail) {
    switch (cause) {
    case DeathCause::none:
        return std::nullopt;
    case DeathCause::exited:
        return std::format("exit {}", detail);
    case DeathCause::page_fault:
        return std::format("page fault at {:#x}", detail);
    case DeathCause::illegal_instruction:
        return "illegal instruction";
    case DeathCause::divide_error:
        return "divide error";
    case DeathCause::general_protection:
        return "general protection";
    case DeathCause::other_exception:
        return std::format("exception {}", detail);
    case DeathCause::killed:
        return detail == 0 ? "killed" : "heartbeat missed";
    case DeathCause::signalled:
        return std::format("signal {}", detail);
    case DeathCause::message_error:
        return "promised memory is missing";
    }
    return "unknown";
}

protocol::rs::FaultModel model_of(netmgmt::FaultModel model) {
    switch (model) {
    case netmgmt::FaultModel::crash_null_jump:
        return protocol::rs::FaultModel::crash_null_jump;
    case netmgmt::FaultModel::crash_illegal_instruction:
        return protocol::rs::FaultModel::crash_illegal_instruction;
    case netmgmt::FaultModel::kill:
        return protocol::rs::FaultModel::kill;
    case netmgmt::FaultModel::hang:
        return protocol::rs::FaultModel::hang;
    }
    return protocol::rs::FaultModel::kill;
}

netmgmt::FaultModel model_of(protocol::rs::FaultModel model) {
    switch (model) {
    case protocol::rs::FaultModel::crash_null_jump:
        return netmgmt::FaultModel::crash_null_jump;
    case protocol::rs::FaultModel::crash_illegal_instruction:
        return netmgmt::FaultModel::crash_illegal_instruction;
    case protocol::rs::FaultModel::kill:
        return netmgmt::FaultModel::kill;
    case protocol::rs::FaultModel::hang:
        return netmgmt::FaultModel::hang;
    }
    return netmgmt::FaultModel::kill;
}

netmgmt::FaultState state_of(protocol::rs::FaultState state) {
    switch (state) {
    case protocol::rs::FaultState::armed:
        return netmgmt::FaultState::armed;
    case protocol::rs::FaultState::fired:
        return netmgmt::FaultState::fired;
    case protocol::rs::FaultState::disarmed:
        return netmgmt::FaultState::disarmed;
    case protocol::rs::FaultState::failed:
        return netmgmt::FaultState::failed;
    }
    return netmgmt::FaultState::failed;
}

} // namespace

ListResult GuestServices::list(Range range, Visitor<ServiceEntry>& visitor) {
    for (std::uint64_t index = range.from.value;; ++index) {
        const auto service = ask<ServiceNext>({.index = index});
        if (service.status() == Status::no_entry) return {};
        if (!service.has_value()) return refusal(service.error(), rs_name);
        index = service->index;
        ServiceEntry entry;
        entry.label = service->label.view();
        if (service->endpoint != endpoints::none) {
            entry.endpoint = EndpointNumber{service->endpoint.value()};
            entry.uptime = {now().value - service->started.value};
        }
        entry.state = state_of(service->state);
        entry.restarts = service->restarts;
        entry.last_reason = reason_of(service->last_cause, service->last_detail);
        entry.priority = service->priority;
        entry.restart_policy = policy_of(service->policy);
        entry.heartbeat_ms = service->heartbeat_milliseconds;
        if (visitor.visit({index}, entry) == Visit::stop) return {};
    }
}

SystemResult<RestartBegun> GuestServices::restart(const std::string& label) {
    const auto reply = ask<ServiceRestart>({.label = Name{label}});
    if (!reply.has_value()) return refusal(reply.error(), rs_name);
    return RestartBegun{label, {reply->old_endpoint.value()}};
}

SystemResult<std::uint32_t> GuestFaults::arm(const FaultPlan& plan) {
    const auto reply = ask<FaultArm>({.target = Name{plan.target},
                                      .model = model_of(plan.model),
                                      .delay_milliseconds = static_cast<std::uint32_t>(plan.delay.count())});
    if (!reply.has_value()) return refusal(reply.error(), rs_name);
    return static_cast<std::uint32_t>(reply->fault);
}

ListResult GuestFaults::list(Range range, Visitor<FaultEntry>& visitor) {
    for (std::uint64_t number = range.from.value;; ++number) {
        const auto fault = ask<FaultNext>({.fault = number});
        if (fault.status() == Status::no_entry) return {};
        if (!fault.has_value()) return refusal(fault.error(), rs_name);
        number = fault->fault;
        FaultEntry entry;
        entry.fault = static_cast<std::uint32_t>(fault->fault);
        entry.target = fault->target.view();
        entry.model = model_of(fault->model);
        entry.state = state_of(fault->state);
        if (fault->state == protocol::rs::FaultState::fired) {
            entry.fired_at = Nanoseconds{fault->fired_at.value};
            entry.endpoint = EndpointNumber{fault->endpoint.value()};
        }
        if (visitor.visit({number}, entry) == Visit::stop) return {};
    }
}

SystemResult<netmgmt::FaultState> GuestFaults::disarm(std::uint32_t fault) {
    const auto reply = ask<FaultDisarm>({.fault = fault});
    if (!reply.has_value()) return refusal(reply.error(), rs_name);
    return state_of(reply->state);
}

} // namespace tessera::netmgmt::guest
