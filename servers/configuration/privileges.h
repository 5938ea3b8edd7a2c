// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// What the kernel is told of a service: its configuration with labels replaced by ids and the device by its resources.

#include "servers/configuration/service_configuration.h"
#include <functional>
#include <optional>

namespace tessera::configuration {

// The resources of the PCI device that a configuration names.
struct Device {
    PciId id;
    PhysicalRange registers; // whole pages
    InterruptLine interrupt;
};

// The id of a label; nothing for one that no service has.
using IdOfLabel = std::function<std::optional<ServiceId>(const Name& label)>;

Privileges privileges_of(const ServiceConfiguration& service, ServiceId own, const std::optional<Device>& device,
                         const IdOfLabel& id_of_label);

// What every user process may do: live, log, and call RS, VM and `process_manager`, who supervises and
// schedules it.
Privileges user_privileges(ServiceId process_manager);

} // namespace tessera::configuration
