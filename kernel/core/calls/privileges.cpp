// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/core/calls/handlers.h"

namespace tessera::kernel::calls {

using namespace kernel_calls;

namespace {

bool well_formed(const Privileges& privileges) {
    if (privileges.interrupt_count > privilege_interrupt_limit) return false;
    if (privileges.io_range_count > privilege_io_range_limit) return false;
    if (privileges.memory_range_count > privilege_memory_range_limit) return false;
    if (privileges.priority >= priority_count || privileges.service.value >= service_limit) return false;
    if (privileges.scheduler.value >= service_limit || privileges.supervisor.value >= service_limit) return false;
    if (privileges.magic_grants > MagicGrants::of_users) return false;
    for (std::size_t i = 0; i < privileges.io_range_count; ++i)
        if (privileges.io_ranges[i].first > privileges.io_ranges[i].last) return false;
    for (std::size_t i = 0; i < privileges.memory_range_count; ++i) {
        const PhysicalRange& range = privileges.memory_ranges[i];
        if (range.bytes == 0 || range.base.value + range.bytes < range.base.value) return false;
    }
    return true;
}

} // namespace

Handled<PrivilegeSet> handle(PrivilegeSet, Kernel& kernel, Process& caller, const PrivilegeSet::Request& request) {
    Process* process = TESSERA_TRY(kernel.processes.living(request.endpoint));
    if (process->is_core()) return Status::not_permitted;
    Privileges privileges;
    TESSERA_TRY(kernel.copies.in(caller, caller, request.address, &privileges, sizeof(privileges)));
    if (!well_formed(privileges)) return Status::invalid;
    if (privileges.service == service_ids::vm || privileges.service == service_ids::rs) return Status::invalid;
    kernel.scheduler.change_privileges(*process, privileges);
    return NoReply{};
}

Handled<PrivilegeGet> handle(PrivilegeGet, Kernel& kernel, Process& caller, const PrivilegeGet::Request& request) {
    const Process* process = TESSERA_TRY(kernel.processes.living(request.endpoint));
    TESSERA_TRY(kernel.copies.out(caller, &process->privileges, caller, request.address, sizeof(Privileges)));
    return NoReply{};
}

} // namespace tessera::kernel::calls
