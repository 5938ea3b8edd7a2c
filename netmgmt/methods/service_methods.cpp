// SPDX-License-Identifier: BSD-3-Clause
// service.*: what RS starts, watches and restarts.

#include "netmgmt/methods/describe.h"
#include "netmgmt/methods/method_table.h"

namespace tessera::netmgmt {
namespace {

struct OneService {
    std::string label;
};

} // namespace

template <> struct EnumNames<ServiceState> {
    static constexpr std::array<std::string_view, 5> names{"starting", "running", "restarting", "stopped", "failed"};
};

template <> struct EnumNames<RestartPolicy> {
    static constexpr std::array<std::string_view, 3> names{"always", "never", "shutdown"};
};

template <> struct Shape<ServiceEntry> {
    using S = ServiceEntry;
    static constexpr std::tuple members{
        member("label", &S::label, ""),
        member("endpoint", &S::endpoint, "null while there is no process"),
        member("state", &S::state, ""),
        member("restarts", &S::restarts, "since boot"),
        member("last_reason", &S::last_reason, "why it last ended, like \"page fault at 0x0\""),
        member("uptime", &S::uptime, "of the process that runs now"),
        member("priority", &S::priority, "0 is the highest"),
        member("restart_policy", &S::restart_policy, "shutdown: when it ends for good, the machine stops"),
        member("heartbeat_ms", &S::heartbeat_ms, "between two questions whether it lives; 0 is none"),
    };
};

template <> struct Shape<RestartBegun> {
    static constexpr std::tuple members{
        member("label", &RestartBegun::label, ""),
        member("old_endpoint", &RestartBegun::old_endpoint, "the new one shows in service.list"),
    };
};

template <> struct Shape<OneService> {
    static constexpr std::tuple members{member("label", &OneService::label, "of the service", Bounds{1, 64})};
};

namespace {

Outcome<Nothing> list(Call& call, const ListParameters&, Range range, Visitor<ServiceEntry>& visitor) {
    return listed(call.system.services.list(range, visitor));
}

Outcome<RestartBegun> restart(Call& call, const OneService& parameters) {
    return from_system(call.system.services.restart(parameters.label));
}

constexpr std::array restart_errors{
    ErrorCase{ErrorCode::refused, "ESRCH", "no service has this label"},
    ErrorCase{ErrorCode::refused, "EBUSY", "it is being restarted"},
    ErrorCase{ErrorCode::refused, "EPERM", "its configuration does not allow it"},
};

constexpr std::array table{
    method<&list>({
        .name = "service.list",
        .summary = "Every service, whether it runs and how often it was restarted",
        .asks = "rs",
        .example = {R"({"fields":["label","state","restarts","last_reason"]})",
                    R"({"items":[{"label":"ds","state":"running","restarts":1,"last_reason":"page fault at 0x0"}],)"
                    R"("next":null})"},
    }),
    method<&restart>({
        .name = "service.restart",
        .summary = "Ends a service and starts it anew",
        .role = Role::operate,
        .effect = Effect::changes_state,
        .asks = "rs",
        .errors = restart_errors,
        .example = {R"({"label":"ds"})", R"({"label":"ds","old_endpoint":4098})"},
    }),
};

} // namespace

std::span<const Method> service_methods() { return table; }

} // namespace tessera::netmgmt
