// SPDX-License-Identifier: BSD-3-Clause
// tess vm shares, share-runs, free: pages that processes share, and pages that nobody has.
#include "tools/tess-cli/verbs/vm_pages.h"

#include "tools/tess-cli/output/json_view.h"
#include "tools/tess-cli/output/table.h"

#include <format>

namespace tessera::tess {

namespace {

/// "ds, rs (4102)": what has no name of its own among the processes is told by its endpoint too.
std::string names_of(const Json& entry) {
    const Json& processes = member(entry, "processes");
    std::string names;
    for (const Json& process : processes) {
        const std::string name = text(process, "name");
        std::size_t same = 0;
        for (const Json& other : processes) same += text(other, "name") == name ? 1 : 0;
        names += names.empty() ? "" : ", ";
        names += same > 1 ? std::format("{} ({})", name, text(process, "endpoint")) : name;
    }
    return names.empty() ? "-" : names;
}

/// "fork", "image", "shared memory 7".
std::string reason_of(const Json& entry) {
    const std::string reason = text(entry, "reason");
    return reason == "shared_memory" ? "shared memory " + text(entry, "shared_memory") : reason;
}

std::string shares_text(const Json& list, const Output& output) {
    Table table{{{"PAGES", Align::right}, {"REASON"}, {"PROCESSES"}}};
    for (const Json& group : items_of(list))
        table.add({grouped_text(group, "pages"), reason_of(group), names_of(group)});
    return table.text(output);
}

std::string share_runs_text(const Json& list, const Output& output) {
    Table table{{{"START", Align::right}, {"PAGES", Align::right}, {"REASON"}, {"PROCESSES"}}};
    for (const Json& run : items_of(list))
        table.add({text(run, "start"), grouped_text(run, "pages"), reason_of(run), names_of(run)});
    return table.text(output);
}

std::string free_text(const Json& list, const Output& output) {
    Table table{{{"BASE", Align::right}, {"PAGES", Align::right}}};
    for (const Json& range : items_of(list)) table.add({text(range, "base"), grouped_text(range, "pages")});
    return std::format("{}\n{} pages free in {} ranges; the largest has {}\n", table.text(output),
                       grouped_text(list, "free_pages"), grouped_text(list, "ranges"),
                       grouped_text(list, "largest_block_pages"));
}

Action list_action(const char* method, std::string (*render)(const Json&, const Output&)) {
    return [method, render](Session& session) { return session.show(session.list(method), render); };
}

} // namespace

void add_vm_pages(Registry& verbs, VerbParser& vm) {
    verbs.add(vm,
              {.name = "shares",
               .summary = "Show which processes share how many pages, and why.",
               .description =
                   "Calls vm.shares. `fork`: the processes have the pages until one of them writes. `image`: "
                   "they run the same program. Shared memory is told by its identity, which `tess vm "
                   "PROCESS` shows for its regions.",
               .examples = {{"tess vm shares", R"(PAGES  REASON           PROCESSES
   32  image            shell (4104), shell (4105)
   18  fork             shell (4104), shell (4105)
    4  shared memory 7  ds, netmgmt
)"}}},
              list_action("vm.shares", shares_text));
    verbs.add(vm,
              {.name = "share-runs",
               .summary = "List the pages that processes share.",
               .description = "Calls vm.share_runs. A run is pages in a row that the same processes have for the same "
                              "reason, at the same address in each of them; shared memory is at any.",
               .examples = {{"tess vm share-runs", R"(   START  PAGES  REASON           PROCESSES
0x400000     32  image            shell (4104), shell (4105)
0x428000     18  fork             shell (4104), shell (4105)
       -      4  shared memory 7  ds, netmgmt
)"}}},
              list_action("vm.share_runs", share_runs_text));
    verbs.add(vm,
              {.name = "free",
               .summary = "List the physical memory that nobody uses.",
               .description = "Calls vm.free. The more ranges for as many pages, the more fragmented memory is.",
               .examples = {{"tess vm free", R"(    BASE   PAGES
0x100000     730
0x4a2000       7
0x600000  11,264

12,001 pages free in 3 ranges; the largest has 11,264
)"}}},
              list_action("vm.free", free_text));
}

} // namespace tessera::tess
