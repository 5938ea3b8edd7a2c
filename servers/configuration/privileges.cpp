// SPDX-License-Identifier: BSD-3-Clause
// From configuration to privileges.

#include "servers/configuration/privileges.h"
#include "kernel/abi/calls/grants.h"
#include "kernel/abi/kernel_call_table.h"
#include "servers/configuration/kernel_call_names.h"
#include "servers/protocols/pm.h"
#include <algorithm>

namespace tessera::configuration {

namespace {

constexpr std::uint64_t bit(ServiceId id) { return 1ull << id.value; }
constexpr std::uint64_t always_callable = bit(service_ids::vm) | bit(service_ids::rs);

std::uint64_t mask_of(const std::vector<Name>& labels, const IdOfLabel& id_of_label) {
    std::uint64_t mask = 0;
    for (const Name& label : labels) {
        if (label.view() == users)
            mask |= bit(service_ids::user);
        else if (const auto id = id_of_label(label))
            mask |= bit(*id);
    }
    return mask;
}

template <class Range, class Array> std::uint8_t copy_ranges(const Range& from, Array& to) {
    const std::size_t count = std::min(from.size(), to.size());
    std::copy_n(from.begin(), count, to.begin());
    return static_cast<std::uint8_t>(count);
}

void add_device(Privileges& privileges, const Device& device, InterruptSource source) {
    if (privileges.memory_range_count < privileges.memory_ranges.size())
        privileges.memory_ranges[privileges.memory_range_count++] = device.registers;
    if (source == InterruptSource::device && privileges.interrupt_count < privileges.interrupts.size())
        privileges.interrupts[privileges.interrupt_count++] = device.interrupt;
}

} // namespace

Privileges privileges_of(const ServiceConfiguration& service, ServiceId own, const std::optional<Device>& device,
                         const IdOfLabel& id_of_label) {
    Privileges privileges;
    privileges.send_mask =
        always_callable | mask_of(service.may_call, id_of_label) | mask_of(service.may_notify, id_of_label);
    privileges.kernel_call_mask = service.kernel_calls;
    privileges.primitive_mask = all_primitives;
    privileges.service = own;
    privileges.priority = service.priority;
    privileges.supervisor = service_ids::rs;
    privileges.magic_grants = service.magic_grants;
    privileges.quantum_milliseconds = service.quantum_milliseconds;
    privileges.interrupt_count = copy_ranges(service.interrupts, privileges.interrupts);
    privileges.io_range_count = copy_ranges(service.io_ports, privileges.io_ranges);
    privileges.memory_range_count = copy_ranges(service.device_memory, privileges.memory_ranges);
    if (device) add_device(privileges, *device, service.interrupt_source);
    return privileges;
}

Privileges user_privileges(ServiceId process_manager) {
    Privileges privileges;
    privileges.send_mask = always_callable | bit(process_manager);
    privileges.kernel_call_mask = user_kernel_calls;
    privileges.primitive_mask = user_primitives;
    privileges.service = service_ids::user;
    privileges.priority = protocol::pm::user_priority;
    privileges.supervisor = process_manager;
    privileges.scheduler = process_manager;
    return privileges;
}

} // namespace tessera::configuration
