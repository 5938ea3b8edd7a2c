// SPDX-License-Identifier: BSD-3-Clause
// tess discover: the methods of the running system.
#include "tools/tess-cli/output/json_view.h"
#include "tools/tess-cli/output/table.h"
#include "tools/tess-cli/verbs/verbs.h"

namespace tessera::tess {

namespace {

/// Names of the parameters, optional ones in brackets.
std::string parameters_of(const Json& method) {
    std::string result;
    for (const Json& parameter : member(method, "params")) {
        if (!result.empty()) result += " ";
        const std::string name = text(parameter, "name");
        result += is_true(parameter, "required") ? name : "[" + name + "]";
    }
    return result.empty() ? "-" : result;
}

std::string method_table(const Json& document, const Output& output) {
    Table table{{{"METHOD"}, {"ROLE"}, {"CHANGES"}, {"PARAMETERS"}, {"SUMMARY"}}};
    for (const Json& method : member(document, "methods")) {
        table.add({text(method, "name"), text(method, "x-role"), is_true(method, "x-changes-state") ? "yes" : "no",
                   parameters_of(method), text(method, "summary")});
    }
    return table.text(output);
}

} // namespace

void add_discover(Registry& verbs) {
    verbs.add(
        {.name = "discover",
         .summary = "List the methods of the running system.",
         .description =
             "CHANGES says whether a method changes anything. --json prints the whole OpenRPC document. Calls "
             "rpc.discover.",
         .examples = {{"tess discover", R"(METHOD        ROLE     CHANGES  PARAMETERS                           SUMMARY
process.list  observe  no       [limit] [cursor] [fields]            List the processes.
ds.publish    operate  yes      key type value [overwrite]           Store a value under a key.
)"}}},
        [](Session& session) { return session.show(session.call("rpc.discover"), method_table); });
}

} // namespace tessera::tess
