// SPDX-License-Identifier: BSD-3-Clause
// RS, the reincarnation server: starts the services that the boot archive describes, watches them, restarts them.

#include "servers/rs/catalogue.h"
#include "servers/rs/event_loop.h"
#include "servers/rs/kernel_machine.h"
#include "servers/rs/kernel_services.h"
#include "servers/rs/requests.h"
#include "servers/runtime/client.h"
#include "servers/runtime/log_format.h"

using namespace tessera;
using namespace tessera::rs;

namespace {

// no_entry without an archive; damaged.
Result<boot::Archive> map_archive() {
    const auto mapping =
        TESSERA_TRY((runtime::call<protocol::vm::VmProtocol, protocol::vm::ArchiveMap>(endpoints::vm, {})));
    return boot::Archive::open({reinterpret_cast<const std::byte*>(mapping.address.value), mapping.bytes});
}

void start_services(ServiceTable& services, Supervisor& supervisor) {
    for (Service& service : services)
        if (service.configuration.start == configuration::StartMode::boot && service.state == ServiceState::stopped)
            supervisor.start(service);
    for (const std::string& label : services_on_command_line()) {
        Service* const service = services.find(Name(label));
        if (service == nullptr)
            log_error("boot command line: start={}: there is no such service", label);
        else
            supervisor.start(*service);
    }
}

} // namespace

int main() {
    KernelPorts ports;
    Pci pci(ports);
    runtime::GrantTable grants;
    KernelMachine machine(grants, pci);
    ServiceTable services;
    add_kernel_services(services);

    const auto archive = map_archive();
    if (archive.has_value()) {
        add_services(*archive, [&](const auto& identities) { return pci.find(identities); }, machine, services);
    } else {
        log_error("no services: the boot archive cannot be read ({}); write the boot image anew",
                  status_name(archive.error()));
    }

    Timers timers;
    Lookups lookups(machine);
    Launcher launcher(machine, services);
    Supervisor supervisor(machine, services, launcher, timers, lookups);
    Faults faults(machine, services, supervisor, timers);
    Requests requests(machine, services, launcher, supervisor, lookups, faults, timers);

    start_services(services, supervisor);
    run_event_loop(requests, supervisor, timers);
}
