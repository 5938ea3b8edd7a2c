// SPDX-License-Identifier: BSD-3-Clause
// tess uptime: for how long the system has been running.
#include "tools/tess-cli/output/json_view.h"
#include "tools/tess-cli/output/table.h"
#include "tools/tess-cli/verbs/verbs.h"

#include <format>

namespace tessera::tess {

void add_uptime(Registry& verbs) {
    verbs.add(
        {.name = "uptime",
         .summary = "Show for how long the system has been running.",
         .description =
             "`booted in` is what the kernel and the servers took until the management plane listened, in ticks of "
             "the time-stamp counter. Calls system.uptime.",
         .examples = {{"tess uptime", R"(up         2 min 03 s
ticks      123,466,789,012
booted in  234,567,890 ticks
)"}}},
        [](Session& session) {
            return session.show(session.call("system.uptime"), [](const Json& uptime, const Output& output) {
                PropertyList list;
                list.add("up", duration_text(uptime, "nanoseconds"));
                list.add("ticks", grouped_text(uptime, "timestamp_counter"));
                list.add("booted in", grouped_text(uptime, "boot_to_listening") + " ticks");
                return list.text(output);
            });
        });
}

} // namespace tessera::tess
