// SPDX-License-Identifier: BSD-3-Clause
#include "servers/rs/faults.h"
#include "kernel/abi/calls/processes.h"
#include "servers/runtime/clock.h"
#include <algorithm>
#include <format>

namespace tessera::rs {

using kernel_calls::InjectedFault;
using protocol::rs::FaultModel;
using protocol::rs::FaultState;

namespace {

std::string_view model_name(FaultModel model) {
    switch (model) {
    case FaultModel::crash_null_jump:
        return "crash_null_jump";
    case FaultModel::crash_illegal_instruction:
        return "crash_illegal_instruction";
    case FaultModel::kill:
        return "kill";
    case FaultModel::hang:
        return "hang";
    }
    return "";
}

} // namespace

Result<std::uint64_t> Faults::arm(const Name& target, FaultModel model, std::uint32_t delay_milliseconds) {
    if (model_name(model).empty() || delay_milliseconds > delay_milliseconds_limit) return Status::invalid;
    const Service* const service = services_.find(target);
    if (service == nullptr) return Status::no_such;
    if (service->origin == Origin::kernel) return Status::not_permitted;
    if (!make_room()) return Status::no_space;
    const std::uint64_t number = next_number_++;
    faults_.push_back({.number = number, .target = target, .model = model});
    timers_.set({.purpose = Purpose::fault, .subject = number}, machine_.now() + milliseconds(delay_milliseconds));
    return number;
}

bool Faults::make_room() {
    if (faults_.size() < limit) return true;
    const auto old = std::ranges::find_if(faults_, [](const Fault& fault) { return fault.state != FaultState::armed; });
    if (old == faults_.end()) return false;
    faults_.erase(old);
    return true;
}

const Fault* Faults::next(std::uint64_t number) const {
    const auto found = std::ranges::lower_bound(faults_, number, {}, &Fault::number);
    return found == faults_.end() ? nullptr : &*found;
}

Fault* Faults::find(std::uint64_t number) {
    const auto found = std::ranges::find(faults_, number, &Fault::number);
    return found == faults_.end() ? nullptr : &*found;
}

Result<FaultState> Faults::disarm(std::uint64_t number) {
    Fault* const fault = find(number);
    if (fault == nullptr) return Status::no_such;
    if (fault->state == FaultState::armed) {
        fault->state = FaultState::disarmed;
        timers_.cancel({.purpose = Purpose::fault, .subject = number});
    }
    return fault->state;
}

void Faults::due(std::uint64_t number) {
    Fault* const fault = find(number);
    if (fault == nullptr || fault->state != FaultState::armed) return;
    Service* const service = services_.find(fault->target);
    fault->fired_at = machine_.now();
    fault->state = FaultState::failed;
    if (service == nullptr || !service->has_process()) return;
    fault->endpoint = service->endpoint;
    machine_.log(LogLevel::warning,
                 std::format("{}: fault {} fires: {}", fault->target.view(), number, model_name(fault->model)));
    if (fire(*fault, *service).has_value()) fault->state = FaultState::fired;
}

Completion Faults::fire(const Fault& fault, Service& service) {
    switch (fault.model) {
    case FaultModel::crash_null_jump:
        return machine_.inject_fault(service.endpoint, InjectedFault::null_jump);
    case FaultModel::crash_illegal_instruction:
        return machine_.inject_fault(service.endpoint, InjectedFault::illegal_instruction);
    case FaultModel::kill:
        return supervisor_.kill(service, KillReason::on_request);
    case FaultModel::hang:
        return machine_.stop_process(service.endpoint);
    }
    return Status::invalid;
}

} // namespace tessera::rs
