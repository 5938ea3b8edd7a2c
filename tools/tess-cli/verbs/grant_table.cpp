// SPDX-License-Identifier: BSD-3-Clause
#include "tools/tess-cli/verbs/grant_table.h"

#include "tools/tess-cli/output/json_view.h"

#include <format>

namespace tessera::tess {

namespace {

/// "+0x1000" for an offset into another grant.
std::string address_of(const Json& grant) {
    return (text(grant, "kind") == "indirect" ? "+" : "") + text(grant, "address");
}

/// "shell 4110", "shell 4110 #16385".
std::string source_of(const Json& grant) {
    if (member(grant, "source").is_null()) return "-";
    const Json& previous = member(grant, "previous");
    return party(grant, "source") + (previous.is_null() ? "" : std::format(" #{}", text_of(previous)));
}

} // namespace

std::string party(const Json& object, const std::string& role) {
    const Json& endpoint = member(object, role);
    if (endpoint == "any") return "any";
    return text(object, role + "_name") + " " + text_of(endpoint);
}

Table grant_table(const Json& grants) {
    Table table{{{"GRANTOR"},
                 {"GRANTEE"},
                 {"KIND"},
                 {"RIGHTS"},
                 {"ADDRESS", Align::right},
                 {"SIZE", Align::right},
                 {"GRANT", Align::right},
                 {"SEQUENCE", Align::right},
                 {"USES", Align::right},
                 {"FAULTS", Align::right},
                 {"OF"}}};
    for (const Json& grant : grants) {
        table.add({party(grant, "grantor"), party(grant, "grantee"), text(grant, "kind"), joined(grant, "rights", ","),
                   address_of(grant), size_text(grant, "bytes"), text(grant, "grant"), text(grant, "sequence"),
                   grouped_text(grant, "uses"), grouped_text(grant, "soft_faults"), source_of(grant)});
    }
    return table;
}

} // namespace tessera::tess
