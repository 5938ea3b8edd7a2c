// SPDX-License-Identifier: BSD-3-Clause
// tess service: the services that RS watches.
#include "tools/tess-cli/output/human.h"
#include "tools/tess-cli/output/json_view.h"
#include "tools/tess-cli/output/table.h"
#include "tools/tess-cli/verbs/recovery.h"
#include "tools/tess-cli/verbs/services.h"
#include "tools/tess-cli/verbs/verbs.h"

#include <format>

namespace tessera::tess {

namespace {

std::string service_table(const Json& list, const Output& output) {
    Table table{{{"LABEL"},
                 {"ENDPOINT", Align::right},
                 {"STATE"},
                 {"RESTARTS", Align::right},
                 {"UPTIME", Align::right},
                 {"PRIORITY", Align::right},
                 {"POLICY"},
                 {"HEARTBEAT", Align::right},
                 {"LAST REASON"}}};
    for (const Json& service : items_of(list)) {
        const std::string state = text(service, "state");
        const auto heartbeat = number(service, "heartbeat_ms").value_or(0);
        table.add({text(service, "label"),
                   text(service, "endpoint"),
                   {state, tone_of_service_state(state)},
                   grouped_text(service, "restarts"),
                   duration_text(service, "uptime"),
                   text(service, "priority"),
                   text(service, "restart_policy"),
                   heartbeat == 0 ? "-" : std::format("{} ms", heartbeat),
                   text(service, "last_reason")});
    }
    return table.text(output);
}

Result<void> restart_service(Session& session, const std::string& label, double patience_seconds) {
    const auto list = session.list("service.list");
    if (!list) return Failed{list.error()};
    const auto before = find_service(*list, label);
    if (!before) return Failed{before.error()};
    const auto reply = session.call("service.restart", {{"label", label}});
    if (!reply) return Failed{reply.error()};
    const auto deadline =
        session.clock().now() + std::chrono::duration_cast<Duration>(std::chrono::duration<double>{patience_seconds});
    const auto recovery = watch_restart(session, *before, std::nullopt, deadline);
    if (!recovery) return Failed{recovery.error()};
    const Json result{{"label", label},
                      {"old_endpoint", before->endpoint.value_or(0)},
                      {"new_endpoint", recovery->after.endpoint.value_or(0)},
                      {"restarts", recovery->after.restarts}};
    return session.show(result, [](const Json& done, const Output&) {
        return std::format("restarted {}: endpoint {} -> {}\n", Cell{text(done, "label")}.text,
                           text(done, "old_endpoint"), text(done, "new_endpoint"));
    });
}

} // namespace

void add_service(Registry& verbs) {
    const Action list = [](Session& session) { return session.show(session.list("service.list"), service_table); };
    VerbParser& parser = verbs.add({.name = "service",
                                    .summary = "List the services that RS watches, or restart one.",
                                    .description = "Without another word: list.",
                                    .examples = {}},
                                   list);
    verbs.add(
        parser,
        {.name = "list",
         .summary = "List the services.",
         .description = "LAST REASON is why RS restarted it last. Calls service.list.",
         .examples = {{"tess service list",
                       R"(LABEL    ENDPOINT  STATE    RESTARTS      UPTIME  PRIORITY  POLICY  HEARTBEAT  LAST REASON
vm           4098  running         0  2 min 03 s         1  never           -  -
ds           4099  running         0  2 min 03 s         3  always    1000 ms  -
e1000        8197  running         1     4.500 s         4  always     500 ms  page fault at 0x0
netmgmt      4102  running         0  2 min 02 s         5  always    2000 ms  -
)"}}},
        list);
    auto label = std::make_shared<std::string>();
    auto patience = std::make_shared<double>(30);
    VerbParser& restart_parser = verbs.add(
        parser,
        {.name = "restart",
         .summary = "Restart a service and wait until it runs again.",
         .description =
             "Calls service.restart and watches service.list; reconnects when the service carried the connection.",
         .examples = {{"tess service restart ds", "restarted ds: endpoint 4099 -> 8195\n"}}},
        [label, patience](Session& session) { return restart_service(session, *label, *patience); });
    restart_parser.text("LABEL", *label, "Label of the service", Need::required);
    restart_parser.seconds("--recovery", *patience, "Seconds to wait until it runs again (default 30)");
}

} // namespace tessera::tess
