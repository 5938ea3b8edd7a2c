// SPDX-License-Identifier: BSD-3-Clause
// tess info: which system this is, and what it runs on.
#include "tools/tess-cli/output/json_view.h"
#include "tools/tess-cli/output/table.h"
#include "tools/tess-cli/verbs/verbs.h"

#include <format>

namespace tessera::tess {

namespace {

std::string info_text(const Json& info, const Output& output) {
    const Json& machine = member(info, "machine");
    const Json& boot = member(info, "boot");
    PropertyList list;
    list.add("system", std::format("{} {}", text(info, "product"), text(info, "version")));
    list.add("build", text(info, "build"));
    list.add("protocol", text(info, "protocol"));
    list.add("processor", text(machine, "processor"));
    list.add("features", joined(machine, "features", " "));
    list.add("memory", size_text(member(info, "memory"), "total_bytes"));
    list.add("firmware", text(boot, "firmware"));
    list.add("command line", text(boot, "command_line"));
    list.add("management", text(boot, "mode"));
    return list.text(output);
}

} // namespace

void add_info(Registry& verbs) {
    verbs.add({.name = "info",
               .summary = "Show which system this is and what it runs on.",
               .description = "Calls system.info.",
               .examples = {{"tess info", R"(system        Tessera 0.1.0
build         a1b2c3d
protocol      1
processor     Intel(R) Core(TM) i7
features      nx smep smap pcid
memory        64 MiB
firmware      bios
command line  management=open
management    open
)"}}},
              [](Session& session) { return session.show(session.call("system.info"), info_text); });
}

} // namespace tessera::tess
