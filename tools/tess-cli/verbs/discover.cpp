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
    verbs.add({.name = "discover",
               .summary = "List the methods of the running system.",
               .description =
                   "CHANGES says whether a method changes anything. --json prints the whole OpenRPC document. Calls "
                   "rpc.discover.",
               .examples = {{"tess discover",
                             R"(METHOD           ROLE     CHANGES  PARAMETERS                            SUMMARY
system.info      observe  no       -                                     What the system runs on
system.uptime    observe  no       -                                     How long it has been running
system.shutdown  operate  yes      -                                     Stop the system
process.list     observe  no       [limit] [cursor] [fields]             All processes
process.get      observe  no       endpoint                              One process
vm.shares        observe  no       -                                     Which processes share pages, and why
vm.share_runs    observe  no       -                                     Shared pages one after the other
vm.free          observe  no       -                                     The free ranges of memory
vm.stats         observe  no       -                                     Use of physical memory
vm.process       observe  no       endpoint                              Memory of one process
vm.regions       observe  no       endpoint [limit] [cursor] [fields]    Regions of one process
ds.list          observe  no       [prefix] [limit] [cursor] [fields]    Entries of the data store
ds.publish       operate  yes      key type value [overwrite]            Store a value under a key
grant.list       observe  no       [endpoint] [limit] [cursor] [fields]  Grants in force
grant.get        observe  no       grantor grant                         One grant, and where it leads
grant.maps       observe  no       [endpoint] [limit] [cursor] [fields]  Maps of granted memory
grant.graph      observe  no       -                                     Who shares what with whom
service.list     observe  no       [limit] [cursor] [fields]             Services that RS watches
kernel.counters  observe  no       -                                     What the kernel counted
kernel.calls     observe  no       [limit] [cursor] [fields]             Kernel calls and times
kernel.messages  observe  no       [limit] [cursor] [fields]             Who sends to whom
trace.read       observe  no       [since] [limit]                       Recorded entries
log.read         observe  no       [since] [limit]                       Entries of the log
fault.models     observe  no       -                                     Ways to fail
fault.list       observe  no       [limit] [cursor] [fields]             Faults and what became of them
fault.arm        inject   yes      target model [trigger]                Make a service fail
)"}}},
              [](Session& session) { return session.show(session.call("rpc.discover"), method_table); });
}

} // namespace tessera::tess
