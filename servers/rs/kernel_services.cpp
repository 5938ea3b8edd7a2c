// SPDX-License-Identifier: BSD-3-Clause
#include "servers/rs/kernel_services.h"
#include "kernel/abi/calls/information.h"
#include "kernel/abi/calls/privileges.h"
#include "servers/rs/catalogue.h"
#include "servers/runtime/kernel.h"

namespace tessera::rs {

namespace {

void add(ServiceTable& services, std::string_view label, Endpoint endpoint) {
    Privileges privileges;
    (void)kernel_call<kernel_calls::PrivilegeGet>(
        {.endpoint = endpoint, .address = {reinterpret_cast<std::uint64_t>(&privileges)}});
    Service service{.origin = Origin::kernel, .state = ServiceState::running, .endpoint = endpoint};
    service.configuration.label = Name(label);
    service.configuration.priority = privileges.priority;
    service.configuration.restart.policy = protocol::rs::RestartPolicy::shutdown;
    (void)services.add(std::move(service));
}

} // namespace

void add_kernel_services(ServiceTable& services) {
    add(services, "vm", endpoints::vm);
    add(services, "rs", endpoints::rs);
}

std::vector<std::string> services_on_command_line() {
    kernel_calls::MachineInformation machine;
    const auto read = kernel_call<kernel_calls::MachineRead>({.address = {reinterpret_cast<std::uint64_t>(&machine)}});
    if (!read.has_value()) return {};
    machine.command_line.back() = '\0';
    std::vector<std::string> labels;
    for (const std::string_view label : requested_services(machine.command_line.data())) labels.emplace_back(label);
    return labels;
}

} // namespace tessera::rs
