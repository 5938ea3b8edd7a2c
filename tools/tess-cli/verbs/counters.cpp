// SPDX-License-Identifier: BSD-3-Clause
// tess counters: what the kernel has counted since it started.
#include "tools/tess-cli/output/json_view.h"
#include "tools/tess-cli/output/table.h"
#include "tools/tess-cli/verbs/verbs.h"

#include <algorithm>

namespace tessera::tess {

namespace {

/// "stale_endpoints" as people write it.
std::string words(std::string name) {
    std::ranges::replace(name, '_', ' ');
    return name;
}

std::string counter_table(const Json& counters, const Output& output) {
    Table table{{{"COUNTER"}, {"VALUE", Align::right}}};
    for (const auto& [name, value] : counters.items()) {
        if (!value.is_structured()) table.add({words(name), grouped_text(counters, name)});
    }
    Table calls{{{"KERNEL CALL"}, {"COUNT", Align::right}}};
    const Json& counts = member(counters, "calls");
    for (const auto& [name, value] : counts.items()) calls.add({name, grouped_text(counts, name)});
    return table.text(output) + (calls.rows() == 0 ? "" : "\n" + calls.text(output));
}

} // namespace

void add_counters(Registry& verbs) {
    verbs.add({.name = "counters",
               .summary = "Show what the kernel has counted since it started.",
               .description = "Calls kernel.counters.",
               .examples = {{"tess counters", R"(COUNTER                         VALUE
messages                       12,345
kernel calls                   45,678
context switches                9,876
page faults                       812
address space loads saved       4,321
timestamp counter          91,234,567

KERNEL CALL    COUNT
send           6,789
safecopy_from    210
)"}}},
              [](Session& session) { return session.show(session.call("kernel.counters"), counter_table); });
}

} // namespace tessera::tess
