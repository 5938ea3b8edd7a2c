// SPDX-License-Identifier: BSD-3-Clause
#include "tools/tess-cli/verbs/processes.h"

#include "tools/tess-cli/output/json_view.h"

#include <format>
#include <vector>

namespace tessera::tess {

Result<ProcessName> find_process(Session& session, const std::string& name_or_endpoint) {
    const auto list = session.list("process.list", {{"fields", {"endpoint", "name"}}});
    if (!list) return Failed{list.error()};
    const auto wanted_endpoint = number_of(Json(name_or_endpoint));
    std::vector<ProcessName> found;
    std::string endpoints;
    for (const Json& process : items_of(*list)) {
        const auto endpoint = number(process, "endpoint");
        if (!endpoint) continue;
        const std::string name = text(process, "name");
        if (endpoint == wanted_endpoint) return ProcessName{*endpoint, name};
        if (name != name_or_endpoint) continue;
        endpoints += std::format("{}{}", found.empty() ? "" : ", ", *endpoint);
        found.push_back({*endpoint, name});
    }
    if (found.size() == 1) return found.front();
    if (found.empty()) {
        return refused(std::format("there is no process \"{}\"", name_or_endpoint), "`tess ps` lists the processes");
    }
    return refused(std::format("{} processes are named \"{}\"", found.size(), name_or_endpoint),
                   std::format("name one by its endpoint: {}", endpoints));
}

} // namespace tessera::tess
