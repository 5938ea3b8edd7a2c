// SPDX-License-Identifier: BSD-3-Clause
#include "tests/unit/kernel/system.h"
#include "kernel/abi/kernel_call_checks.h"
#include "kernel/abi/primitives.h"
#include "kernel/abi/user_layout.h"

namespace tessera::kernel::test {

System::System() {
    boot_info.root_entries = {0x80'0000};
    boot_info.vm_entry = program_entry;
    boot_info.vm_stack = user_layout::stack_end - 8;
    boot_info.range_count = 2;
    boot_info.ranges[0] = {{0x10'0000}, 0x40'0000, MemoryKind::free, 0};
    boot_info.ranges[1] = {{0x50'0000}, 0x10'0000, MemoryKind::reserved, 0};
    boot_info.command_line = {'m', 'o', 'd', 'e'};
    kernel = std::make_unique<Kernel>(boot_info);
    kernel->create_core_processes();
    give_space(vm());
    give_space(rs());
    machine.history.clear();
}

void System::give_space(Process& process) {
    const arch::RootEntry entry = machine.create_space();
    machine.root_page(boot_info.root_entries)[process.endpoint.slot()] = entry;
    machine.space(entry).map(data, data_bytes);
    process.context.instruction_pointer = program_entry.value;
    process.unblock(Blocker::no_space);
    process.unblock(Blocker::stopped);
    kernel->scheduler.update(process);
}

Process& System::start(std::string_view name, Rights rights) {
    Process& process = **kernel->processes.create(Name{name});
    if (rights.service == ServiceId{})
        rights.service.value = static_cast<std::uint8_t>(first_service.value + process.endpoint.slot());
    Privileges privileges;
    privileges.service = rights.service;
    privileges.send_mask = rights.send_mask;
    privileges.kernel_call_mask = rights.kernel_call_mask;
    privileges.primitive_mask = rights.primitive_mask;
    privileges.priority = rights.priority;
    privileges.supervisor = rights.supervisor;
    kernel->scheduler.change_privileges(process, privileges);
    give_space(process);
    return process;
}

host::UserMemory& System::memory(const Process& process) {
    return machine.space(machine.root_page(machine.root_entries)[process.endpoint.slot()]);
}

void System::enter(Process& caller, Primitive primitive, Endpoint peer, const Message& message) {
    if (!caller.runnable()) throw std::logic_error("a test lets a process run that is blocked");
    caller.context.operation = static_cast<std::uint64_t>(primitive);
    caller.context.peer = peer.value();
    caller.context.message = message;
    kernel->user_call(caller);
    if (!may_answer(primitive, status_of(caller)))
        throw std::logic_error("a primitive answers what primitives.h does not declare: " +
                               std::string(status_name(status_of(caller))));
}

void System::enter_kernel_call(Process& caller, std::uint64_t number, const Message& request) {
    if (!caller.runnable()) throw std::logic_error("a test lets a process run that is blocked");
    caller.context.operation = number << 8;
    caller.context.message = request;
    kernel->user_call(caller);
    if (!caller.blocked_by(Blocker::vm_request)) expect_declared(number, status_of(caller));
}

void System::expect_declared(std::uint64_t number, Status status) {
    if (!kernel_call_may_answer(number, status))
        throw std::logic_error("kernel call " + std::to_string(number) + " answers " +
                               std::string(status_name(status)) + ", which the table does not declare");
}

void System::page_fault(Process& process, std::uint64_t address, FaultAccess access) {
    if (!process.runnable()) throw std::logic_error("a test lets a process fault that is blocked");
    kernel->user_exception(process, {DeathCause::page_fault, address, access});
}

Status System::status_of(const Process& process) {
    const auto operation = static_cast<std::int64_t>(process.context.operation);
    return operation < 0 ? static_cast<Status>(-operation) : Status::ok;
}

Received System::received(const Process& process) {
    return {static_cast<MessageKind>(process.context.operation),
            Endpoint::from_value(static_cast<std::uint32_t>(process.context.peer)), process.context.message};
}

} // namespace tessera::kernel::test
