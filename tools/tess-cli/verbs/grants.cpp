// SPDX-License-Identifier: BSD-3-Clause
// tess grants: who lets whom into which part of its memory.
#include "tools/tess-cli/output/json_view.h"
#include "tools/tess-cli/output/table.h"
#include "tools/tess-cli/verbs/grant_chain.h"
#include "tools/tess-cli/verbs/grant_table.h"
#include "tools/tess-cli/verbs/processes.h"
#include "tools/tess-cli/verbs/verbs.h"

#include <format>

namespace tessera::tess {

namespace {

struct GrantOptions {
    std::string process = {};
    bool maps = false;
};

std::string grants_text(const Json& list, const Output& output) { return grant_table(items_of(list)).text(output); }

/// "vfs 4104 #16386, shell 4110 #16385": the grant that was used first, then those that it passes on.
std::string way_of(const Json& map) {
    std::string way;
    for (const Json& hop : member(map, "hops")) {
        way += way.empty() ? "" : ", ";
        way += std::format("{} #{}", party(hop, "grantor"), text(hop, "grant"));
    }
    return way.empty() ? std::format("{} #{}", party(map, "grantor"), text(map, "grant")) : way;
}

std::string maps_text(const Json& list, const Output& output) {
    Table table{{{"GRANTEE"},
                 {"ADDRESS", Align::right},
                 {"SIZE", Align::right},
                 {"PROTECTION"},
                 {"OWNER"},
                 {"SOURCE", Align::right},
                 {"GRANTS"}}};
    for (const Json& map : items_of(list)) {
        table.add({party(map, "grantee"), text(map, "address"), size_text(map, "bytes"), joined(map, "protection", ","),
                   party(map, "owner"), text(map, "source"), way_of(map)});
    }
    return table.text(output);
}

constexpr const char* grants_example =
    R"(GRANTOR       GRANTEE       KIND      RIGHTS          ADDRESS    SIZE  GRANT  SEQUENCE  USES  FAULTS  OF
netmgmt 4102  ds 4099       direct    read           0x52a010   256 B  16385         1    12       0  -
netmgmt 4102  e1000 4101    indirect  read,try_only   +0x1000   4 KiB  16386         1     6       1  shell 4110 #16384
e1000 4101    any           direct    read,write     0x610000  16 KiB  32770         2   904       0  -
vfs 4104      disk 4105     magic     write          0x7ef000   512 B  49154         3     2       0  shell 4110
shell 4110    netmgmt 4102  direct    read,map       0x403000  12 KiB  16384         1     7       0  -
)";

constexpr const char* maps_example =
    R"(GRANTEE            ADDRESS   SIZE  PROTECTION  OWNER         SOURCE  GRANTS
netmgmt 4102  0x1000200000  8 KiB  read,write  shell 4110  0x403000  shell 4110 #16384
e1000 4101    0x1000000000  4 KiB  read        shell 4110  0x404000  netmgmt 4102 #16386, shell 4110 #16384
)";

Result<void> run_grants(Session& session, const GrantOptions& options) {
    Json params = Json::object();
    if (!options.process.empty()) {
        const auto found = find_process(session, options.process);
        if (!found) return Failed{found.error()};
        params["endpoint"] = found->endpoint;
    }
    if (options.maps) return session.show(session.list("grant.maps", params), maps_text);
    return session.show(session.list("grant.list", params), grants_text);
}

} // namespace

void add_grants(Registry& verbs) {
    auto options = std::make_shared<GrantOptions>();
    VerbParser& parser = verbs.add(
        {.name = "grants",
         .summary = "List the grants: who lets whom into which part of its memory.",
         .description =
             "GRANT is a grant's number: an index with a sequence number, so that a stale one is refused. FAULTS are "
             "copies that found memory missing and did not wait for it, as try_only wants. The address of an indirect "
             "grant is an offset into the grant that it passes on, which OF names; of a magic grant OF names the "
             "process whose memory it is. Calls grant.list.\n\nWith --maps: granted memory that is mapped, with both "
             "ends and the grants between them, the one that was used first. Calls grant.maps.",
         .examples = {{"tess grants", grants_example}, {"tess grants --maps", maps_example}}},
        [options](Session& session) { return run_grants(session, *options); });
    parser.text("PROCESS", options->process, "Only grants by this process, or maps in it: its name or endpoint");
    parser.flag("--maps", options->maps, "List the maps of granted memory");
    add_grant_chain(verbs, parser);
}

} // namespace tessera::tess
