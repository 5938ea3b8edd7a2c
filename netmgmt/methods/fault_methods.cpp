// SPDX-License-Identifier: BSD-3-Clause
// fault.*: faults injected on purpose.

#include "netmgmt/methods/describe.h"
#include "netmgmt/methods/method_table.h"

namespace tessera::netmgmt {
namespace {

enum class TriggerKind : std::uint8_t { time };

struct Trigger {
    TriggerKind kind = TriggerKind::time;
    std::uint32_t milliseconds = 20;
};

struct Arm {
    std::string target;
    FaultModel model = FaultModel::kill;
    Trigger trigger;
};

struct Armed {
    std::uint32_t fault = 0;
    std::string target;
    FaultModel model = FaultModel::kill;
    bool armed = true;
};

struct OneFault {
    std::uint32_t fault = 0;
};

struct Disarmed {
    std::uint32_t fault = 0;
    FaultState state = FaultState::disarmed;
};

struct ModelText {
    FaultModel name = FaultModel::kill;
    std::string description;
};

struct Models {
    std::vector<ModelText> models;
};

} // namespace

template <> struct EnumNames<TriggerKind> {
    static constexpr std::array<std::string_view, 1> names{"time"};
};

template <> struct EnumNames<FaultModel> {
    static constexpr std::array<std::string_view, 4> names{"crash_null_jump", "crash_illegal_instruction", "kill",
                                                           "hang"};
};

template <> struct EnumNames<FaultState> {
    static constexpr std::array<std::string_view, 4> names{"armed", "fired", "disarmed", "failed"};
};

template <> struct Shape<Trigger> {
    static constexpr std::tuple members{
        member("kind", &Trigger::kind, ""),
        optional_member("milliseconds", &Trigger::milliseconds, "from now", Bounds{0, 60000}),
    };
};

template <> struct Shape<Arm> {
    static constexpr std::tuple members{
        member("target", &Arm::target, "label of a service", Bounds{1, 64}),
        member("model", &Arm::model, "one that fault.models lists"),
        optional_member("trigger", &Arm::trigger, "when; 20 ms from now if left out, so that the reply still leaves"),
    };
};

template <> struct Shape<Armed> {
    static constexpr std::tuple members{
        member("fault", &Armed::fault, "its number"),
        member("target", &Armed::target, ""),
        member("model", &Armed::model, ""),
        member("armed", &Armed::armed, ""),
    };
};

template <> struct Shape<FaultEntry> {
    static constexpr std::tuple members{
        member("fault", &FaultEntry::fault, ""),
        member("target", &FaultEntry::target, "label of a service"),
        member("model", &FaultEntry::model, ""),
        member("state", &FaultEntry::state, "failed: it could not be done"),
        member("fired_at", &FaultEntry::fired_at, "since boot, null before"),
        member("endpoint", &FaultEntry::endpoint, "whom it hit, null before"),
    };
};

template <> struct Shape<OneFault> {
    static constexpr std::tuple members{member("fault", &OneFault::fault, "its number")};
};

template <> struct Shape<Disarmed> {
    static constexpr std::tuple members{
        member("fault", &Disarmed::fault, ""),
        member("state", &Disarmed::state, "afterwards: a fault that has fired stays fired"),
    };
};

template <> struct Shape<ModelText> {
    static constexpr std::tuple members{
        member("name", &ModelText::name, ""),
        member("description", &ModelText::description, ""),
    };
};

template <> struct Shape<Models> {
    static constexpr std::tuple members{member("models", &Models::models, "")};
};

namespace {

Outcome<Models> models(Call&, const Nothing&) {
    return Models{{
        {FaultModel::crash_null_jump, "the service jumps to address 0 and faults"},
        {FaultModel::crash_illegal_instruction,
         "the kernel ends the service as one that executed an undefined instruction"},
        {FaultModel::kill, "the kernel ends the service at once"},
        {FaultModel::hang, "the service loops forever and misses its heartbeat"},
    }};
}

Outcome<Armed> arm(Call& call, const Arm& parameters) {
    const FaultPlan plan{parameters.target, parameters.model,
                         std::chrono::milliseconds(parameters.trigger.milliseconds)};
    return from_system(call.system.faults.arm(plan)).transform([&](std::uint32_t fault) {
        return Armed{fault, parameters.target, parameters.model};
    });
}

Outcome<Nothing> list(Call& call, const ListParameters&, Range range, Visitor<FaultEntry>& visitor) {
    return listed(call.system.faults.list(range, visitor));
}

Outcome<Disarmed> disarm(Call& call, const OneFault& parameters) {
    return from_system(call.system.faults.disarm(parameters.fault)).transform([&](FaultState state) {
        return Disarmed{parameters.fault, state};
    });
}

constexpr std::array arm_errors{
    ErrorCase{ErrorCode::refused, "ESRCH", "no service has this label"},
    ErrorCase{ErrorCode::refused, "ENOSPC", "too many faults are armed"},
};

constexpr std::array disarm_errors{
    ErrorCase{ErrorCode::refused, "ESRCH", "there is no such fault"},
};

constexpr std::array table{
    method<&models>({
        .name = "fault.models",
        .summary = "What can be injected",
        .example = {"{}", R"({"models":[{"name":"kill","description":"the kernel ends the service at once"}]})"},
    }),
    method<&arm>({
        .name = "fault.arm",
        .summary = "Makes a fault happen to a service",
        .role = Role::inject,
        .effect = Effect::changes_state,
        .asks = "rs",
        .errors = arm_errors,
        .example = {R"({"target":"ds","model":"crash_null_jump","trigger":{"kind":"time","milliseconds":50}})",
                    R"({"fault":1,"target":"ds","model":"crash_null_jump","armed":true})"},
    }),
    method<&list>({
        .name = "fault.list",
        .summary = "Faults, and whether and when they fired",
        .asks = "rs",
        .example = {"{}", R"({"items":[{"fault":1,"target":"ds","model":"crash_null_jump","state":"fired",)"
                          R"("fired_at":"7050000000","endpoint":4098}],"next":null})"},
    }),
    method<&disarm>({
        .name = "fault.disarm",
        .summary = "Takes a fault back before it fires",
        .role = Role::inject,
        .effect = Effect::changes_state,
        .asks = "rs",
        .errors = disarm_errors,
        .example = {R"({"fault":1})", R"({"fault":1,"state":"fired"})"},
    }),
};

} // namespace

std::span<const Method> fault_methods() { return table; }

} // namespace tessera::netmgmt
