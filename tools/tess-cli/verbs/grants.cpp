// SPDX-License-Identifier: BSD-3-Clause
// tess grants: who lets whom into which part of its memory.
#include "tools/tess-cli/output/json_view.h"
#include "tools/tess-cli/output/table.h"
#include "tools/tess-cli/verbs/processes.h"
#include "tools/tess-cli/verbs/verbs.h"

namespace tessera::tess {

namespace {

std::string party(const Json& grant, std::string_view name, std::string_view endpoint) {
    const Json& value = member(grant, endpoint);
    if (value == "any") return "any";
    return text(grant, name) + " " + text_of(value);
}

std::string grant_table(const Json& list, const Output& output) {
    Table table{{{"GRANTOR"},
                 {"GRANTEE"},
                 {"KIND"},
                 {"RIGHTS"},
                 {"ADDRESS", Align::right},
                 {"SIZE", Align::right},
                 {"GRANT", Align::right},
                 {"INDEX", Align::right},
                 {"SEQUENCE", Align::right}}};
    for (const Json& grant : items_of(list)) {
        table.add({party(grant, "grantor_name", "grantor"), party(grant, "grantee_name", "grantee"),
                   text(grant, "kind"), joined(grant, "rights", ","), text(grant, "address"), size_text(grant, "bytes"),
                   text(grant, "grant"), text(grant, "index"), text(grant, "sequence")});
    }
    return table.text(output);
}

Result<void> run_grants(Session& session, const std::string& process) {
    Json params = Json::object();
    if (!process.empty()) {
        const auto found = find_process(session, process);
        if (!found) return Failed{found.error()};
        params["endpoint"] = found->endpoint;
    }
    return session.show(session.list("grant.list", params), grant_table);
}

} // namespace

void add_grants(Registry& verbs) {
    auto process = std::make_shared<std::string>();
    verbs
        .add({.name = "grants",
              .summary = "List the grants: who lets whom into which part of its memory.",
              .description =
                  "A grant id is an index with a sequence number, so that a stale id is refused. Calls grant.list.",
              .examples = {{"tess grants",
                            R"(GRANTOR       GRANTEE  KIND    RIGHTS       ADDRESS    SIZE  GRANT  INDEX  SEQUENCE
netmgmt 4102  ds 4099  direct  read        0x52a010   256 B   8193      1         1
e1000 4101    any      direct  read,write  0x610000  16 KiB  16386      2         2
)"}}},
             [process](Session& session) { return run_grants(session, *process); })
        .text("PROCESS", *process, "Only grants of this process, by name or endpoint");
}

} // namespace tessera::tess
