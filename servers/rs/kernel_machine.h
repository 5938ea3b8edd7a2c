// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The real machine: kernel calls and requests to VM.

#include "kernel/abi/calls/information.h"
#include "kernel/abi/calls/processes.h"
#include "servers/rs/machine.h"
#include "servers/runtime/grants.h"

namespace tessera::rs {

class KernelPorts final : public PortAccess {
public:
    std::uint32_t read(IoPort port) override;
    void write(IoPort port, std::uint32_t value) override;
};

class KernelMachine final : public Machine {
public:
    KernelMachine(runtime::GrantTable& grants, Pci& pci) : grants_(grants), pci_(pci) {}

    Nanoseconds now() override;
    Result<Endpoint> create_process(const Name& name) override;
    Completion set_privileges(Endpoint process, const Privileges& privileges) override;
    Completion create_space(const protocol::vm::SpaceCreate::Request& request) override;
    Completion load_image(Endpoint process, const Name& program, std::string_view arguments) override;
    Completion start_process(Endpoint process) override;
    Completion stop_process(Endpoint process) override;
    Completion kill_process(Endpoint process) override;
    Completion inject_fault(Endpoint process, kernel_calls::InjectedFault fault) override;
    Completion destroy_space(Endpoint process) override;
    Completion destroy_process(Endpoint process) override;
    Result<DeathReport> next_death() override;
    void set_bus_mastering(PciLocation device, BusMastering mastering) override;
    void notify(Endpoint process) override;
    void answer(Endpoint client, const Message& message) override;
    void stop(kernel_calls::MachineStop action) override;
    void log(LogLevel level, std::string_view text) override;

private:
    runtime::GrantTable& grants_;
    Pci& pci_;
};

} // namespace tessera::rs
