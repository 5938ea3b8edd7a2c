// SPDX-License-Identifier: BSD-3-Clause
#include "tools/tess-cli/verbs/services.h"

#include "tools/tess-cli/output/json_view.h"

#include <format>

namespace tessera::tess {

Result<ServiceView> find_service(const Json& list, const std::string& label) {
    std::string labels;
    for (const Json& service : items_of(list)) {
        const std::string name = text(service, "label");
        if (name == label) {
            return ServiceView{name, number(service, "endpoint"), text(service, "state"),
                               number(service, "restarts").value_or(0), text(service, "last_reason")};
        }
        labels += " " + name;
    }
    return refused(std::format("there is no service \"{}\"", label),
                   labels.empty() ? "the system lists no services at all" : "the services are:" + labels);
}

Tone tone_of_service_state(std::string_view state) {
    if (state == "running") return Tone::good;
    if (state == "failed") return Tone::bad;
    return Tone::warning;
}

} // namespace tessera::tess
