// SPDX-License-Identifier: BSD-3-Clause
#include "servers/rs/kernel_machine.h"
#include "kernel/abi/calls/devices.h"
#include "kernel/abi/calls/information.h"
#include "kernel/abi/calls/privileges.h"
#include "kernel/abi/calls/processes.h"
#include "servers/runtime/client.h"
#include "servers/runtime/clock.h"
#include "servers/runtime/log.h"

namespace tessera::rs {

using protocol::vm::VmProtocol;

namespace {

// A kernel call that answers nothing.
template <class Call> Completion command(const typename Call::Request& request) {
    TESSERA_TRY(kernel_call<Call>(request));
    return Done{};
}

template <class Operation> Completion ask_vm(const typename Operation::Request& request) {
    TESSERA_TRY((runtime::call<VmProtocol, Operation>(endpoints::vm, request)));
    return Done{};
}

} // namespace

std::uint32_t KernelPorts::read(IoPort port) {
    const auto result =
        kernel_call<kernel_calls::PortRead>({.port = port, .width = kernel_calls::IoWidth::double_word});
    return result.has_value() ? static_cast<std::uint32_t>(result->value) : ~0u; // what an absent device reads
}

void KernelPorts::write(IoPort port, std::uint32_t value) {
    (void)kernel_call<kernel_calls::PortWrite>(
        {.port = port, .width = kernel_calls::IoWidth::double_word, .value = value});
}

Nanoseconds KernelMachine::now() { return tessera::now(); }

Result<Endpoint> KernelMachine::create_process(const Name& name) {
    return TESSERA_TRY(kernel_call<kernel_calls::ProcessCreate>({.process_name = name})).endpoint;
}

Completion KernelMachine::set_privileges(Endpoint process, const Privileges& privileges) {
    return command<kernel_calls::PrivilegeSet>(
        {.endpoint = process, .address = {reinterpret_cast<std::uint64_t>(&privileges)}});
}

Completion KernelMachine::create_space(const protocol::vm::SpaceCreate::Request& request) {
    return ask_vm<protocol::vm::SpaceCreate>(request);
}

Completion KernelMachine::load_image(Endpoint process, const Name& program, std::string_view arguments) {
    const auto grant = TESSERA_TRY(grants_.readable(endpoints::vm, std::as_bytes(std::span(arguments))));
    return ask_vm<protocol::vm::ImageLoad>({.process = process,
                                            .program = program,
                                            .arguments = grant.id(),
                                            .argument_bytes = static_cast<std::uint32_t>(arguments.size())});
}

Completion KernelMachine::start_process(Endpoint process) {
    return command<kernel_calls::ProcessStart>({.endpoint = process});
}

Completion KernelMachine::stop_process(Endpoint process) {
    return command<kernel_calls::ProcessStop>({.endpoint = process});
}

Completion KernelMachine::kill_process(Endpoint process) {
    return command<kernel_calls::ProcessKill>({.endpoint = process});
}

Completion KernelMachine::inject_fault(Endpoint process, kernel_calls::InjectedFault fault) {
    return command<kernel_calls::ProcessInject>({.endpoint = process, .fault = fault});
}

Completion KernelMachine::destroy_space(Endpoint process) {
    return ask_vm<protocol::vm::SpaceDestroy>({.process = process});
}

Completion KernelMachine::destroy_process(Endpoint process) {
    return command<kernel_calls::ProcessDestroy>({.endpoint = process});
}

Result<DeathReport> KernelMachine::next_death() { return kernel_call<kernel_calls::ProcessNextDeath>({}); }

void KernelMachine::set_bus_mastering(PciLocation device, BusMastering mastering) {
    pci_.set_bus_mastering(device, mastering);
}

void KernelMachine::notify(Endpoint process) { (void)tessera::notify(process); }

void KernelMachine::answer(Endpoint client, const Message& message) { (void)send_nonblocking(client, message); }

void KernelMachine::stop(kernel_calls::MachineStop action) {
    (void)kernel_call<kernel_calls::MachineControl>({.action = action});
}

void KernelMachine::log(LogLevel level, std::string_view text) { log_line(level, text); }

} // namespace tessera::rs
