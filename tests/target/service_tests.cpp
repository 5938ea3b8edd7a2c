// SPDX-License-Identifier: BSD-3-Clause
// RS: restart of a service that dies or hangs, and what it refuses.

#include "servers/protocols/rs.h"
#include "servers/runtime/clock.h"
#include "tests/target/child.h"
#include "tests/target/partner.h"
#include "tests/target/test.h"
#include <array>

namespace tessera::target {

namespace {

using namespace protocol::rs;

template <class Operation> Result<typename Operation::Reply> rs(const typename Operation::Request& request) {
    return runtime::call<RsProtocol, Operation>(endpoints::rs, request);
}

ServiceNext::Reply service(std::string_view label) {
    for (std::uint64_t index = 0;; ++index) {
        const auto reply = require_value(rs<ServiceNext>({.index = index}));
        index = reply.index;
        if (reply.label == Name(label)) return reply;
    }
}

void crashed_service_comes_back(Environment& environment) {
    const Endpoint old = require_value(environment.assistant.endpoint());
    const std::uint32_t restarts = service("assistant").restarts;
    require_status(
        environment.assistant.call<Misbehave>({.how = Misbehaviour::read_null, .delay_milliseconds = 0}).status(),
        Status::dead_endpoint, "an operation that must not be repeated");
    require_value(environment.assistant.call<Echo>());
    require(require_value(environment.assistant.endpoint()) != old, "a new endpoint");
    const auto now_known = service("assistant");
    require_equal(now_known.restarts, restarts + 1, "restarts");
    require(now_known.last_cause == DeathCause::page_fault && now_known.last_detail == 0, "the cause");
    require(now_known.state == protocol::rs::ServiceState::running, "it runs");
}

void every_fault_model(Environment& environment) {
    for (const FaultModel model :
         {FaultModel::crash_null_jump, FaultModel::crash_illegal_instruction, FaultModel::kill}) {
        const Endpoint old = require_value(environment.assistant.endpoint());
        const auto fault =
            require_value(rs<FaultArm>({.target = Name("assistant"), .model = model, .delay_milliseconds = 1})).fault;
        wait_for_death(old);
        environment.assistant.forget();
        require(require_value(environment.assistant.endpoint()) != old, "it is back");
        const auto entry = require_value(rs<FaultNext>({.fault = fault}));
        require(entry.state == FaultState::fired && entry.endpoint == old, "the fault tells whom it hit");
    }
}

void hung_server_is_replaced(Environment&) {
    const auto before = service("ds");
    require_value(rs<FaultArm>({.target = Name("ds"), .model = FaultModel::hang, .delay_milliseconds = 0}));
    wait_for_death(before.endpoint);
    require_value(rs<Lookup>({.label = Name("ds"), .wait = LookupWait::until_running}));
    const auto after = service("ds");
    require(after.endpoint != before.endpoint, "another process");
    require(after.last_cause == DeathCause::killed &&
                after.last_detail == static_cast<std::uint64_t>(KillReason::heartbeat_missed),
            "its heartbeat was missed");
}

void refusals(Environment&) {
    require_status(rs<Lookup>({.label = Name("nobody"), .wait = LookupWait::until_running}).status(), Status::no_such);
    require_status(rs<ServiceRestart>({.label = Name("nobody")}).status(), Status::no_such);
    require_status(rs<ServiceRestart>({.label = Name("vm")}).status(), Status::not_permitted);
    require_status(rs<FaultArm>({.target = Name("rs"), .model = FaultModel::kill}).status(), Status::not_permitted);
    require_status(rs<FaultArm>({.target = Name("ds"), .model = static_cast<FaultModel>(99)}).status(),
                   Status::invalid);
    require_status(rs<FaultDisarm>({.fault = 12345}).status(), Status::no_such);
    require_status(rs<ProgramStart>({.program = Name("assistant")}).status(), Status::not_permitted);
    require_status(rs<DeviceInformation>({}).status(), Status::no_device);
    require_status(rs<protocol::rs::MachineStop>({}).status(), Status::not_permitted);
}

void disarmed_faults_do_nothing(Environment& environment) {
    const Endpoint endpoint = require_value(environment.assistant.endpoint());
    const auto fault =
        require_value(rs<FaultArm>({.target = Name("assistant"), .model = FaultModel::kill, .delay_milliseconds = 20}))
            .fault;
    require(require_value(rs<FaultDisarm>({.fault = fault})).state == FaultState::disarmed, "disarmed");
    (void)sleep_for(milliseconds(40));
    require_value(runtime::call<AssistantProtocol, Echo>(endpoint, {}));
}

void restart_on_request(Environment& environment) {
    const Endpoint old = require_value(environment.assistant.endpoint());
    require(require_value(rs<ServiceRestart>({.label = Name("assistant")})).old_endpoint == old, "the old endpoint");
    environment.assistant.forget();
    require(require_value(environment.assistant.endpoint()) != old, "another process");
    require_value(environment.assistant.call<Echo>());
}

constexpr std::array tests{
    Test{"service.crash", crashed_service_comes_back},  Test{"service.fault_models", every_fault_model},
    Test{"service.hang", hung_server_is_replaced},      Test{"service.refusals", refusals},
    Test{"service.disarm", disarmed_faults_do_nothing}, Test{"service.restart", restart_on_request},
};

} // namespace

std::span<const Test> service_tests() { return tests; }

} // namespace tessera::target
