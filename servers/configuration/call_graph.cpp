// SPDX-License-Identifier: BSD-3-Clause
// The checks over all configuration files together.

#include "servers/configuration/call_graph.h"
#include <algorithm>
#include <format>

namespace tessera::configuration {

namespace {

bool has_no_file(const Name& label) { return label.view() == "vm" || label.view() == "rs"; }

void check_calls(std::span<const ServiceConfiguration> services, const ServiceConfiguration& caller,
                 std::vector<std::string>& problems) {
    for (const Name& label : caller.may_call) {
        if (has_no_file(label)) continue;
        const auto callee = std::ranges::find(services, label, &ServiceConfiguration::label);
        if (callee == services.end())
            problems.push_back(
                std::format("{}.conf: may_call: there is no service \"{}\"", caller.label.view(), label.view()));
        else if (callee->priority >= caller.priority)
            problems.push_back(std::format("{}.conf: may_call: \"{}\" (priority {}) is not more important than \"{}\" "
                                           "(priority {})",
                                           caller.label.view(), label.view(), callee->priority, caller.label.view(),
                                           caller.priority));
    }
}

void check_notifications(std::span<const ServiceConfiguration> services, const ServiceConfiguration& sender,
                         std::vector<std::string>& problems) {
    for (const Name& label : sender.may_notify)
        if (!has_no_file(label) && label.view() != users &&
            std::ranges::find(services, label, &ServiceConfiguration::label) == services.end())
            problems.push_back(
                std::format("{}.conf: may_notify: there is no service \"{}\"", sender.label.view(), label.view()));
}

} // namespace

std::vector<std::string> call_graph_problems(std::span<const ServiceConfiguration> services) {
    std::vector<std::string> problems;
    for (const ServiceConfiguration& service : services) {
        if (has_no_file(service.label))
            problems.push_back(std::format("{0}.conf: \"{0}\" is started by the kernel and has no configuration file",
                                           service.label.view()));
        if (std::ranges::count(services, service.label, &ServiceConfiguration::label) != 1)
            problems.push_back(std::format("{}.conf: its label is not unique", service.label.view()));
        check_calls(services, service, problems);
        check_notifications(services, service, problems);
    }
    return problems;
}

} // namespace tessera::configuration
