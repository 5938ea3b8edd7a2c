// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// All that RS does to the world: kernel calls, requests to VM, and the boot archive. Tests bring a machine of their
// own.

#include "kernel/abi/calls/information.h"
#include "kernel/abi/calls/processes.h"
#include "kernel/abi/counters.h"
#include "kernel/abi/result.h"
#include "servers/protocols/vm.h"
#include "servers/rs/pci.h"
#include <string_view>

namespace tessera::rs {

class Machine {
public:
    virtual ~Machine() = default;

    virtual Nanoseconds now() = 0;

    // The steps that make a process, in order; errors as those of the kernel calls and of VM's operations.
    virtual Result<Endpoint> create_process(const Name& name) = 0;
    virtual Completion set_privileges(Endpoint process, const Privileges& privileges) = 0;
    virtual Completion create_space(const protocol::vm::SpaceCreate::Request& request) = 0;
    // A program of the boot archive. `arguments`: NUL-terminated strings in a row.
    virtual Completion load_image(Endpoint process, const Name& program, std::string_view arguments) = 0;
    virtual Completion start_process(Endpoint process) = 0;

    virtual Completion stop_process(Endpoint process) = 0;
    virtual Completion kill_process(Endpoint process) = 0;
    virtual Completion inject_fault(Endpoint process, kernel_calls::InjectedFault fault) = 0;
    virtual Completion destroy_space(Endpoint process) = 0;
    virtual Completion destroy_process(Endpoint process) = 0;

    // A death that was not fetched yet; no_entry.
    virtual Result<DeathReport> next_death() = 0;

    virtual void set_bus_mastering(PciLocation device, BusMastering mastering) = 0;
    virtual void notify(Endpoint process) = 0;
    virtual void answer(Endpoint client, const Message& message) = 0; // of a client that waits since an earlier request
    virtual void stop(kernel_calls::MachineStop action) = 0;
    virtual void log(LogLevel level, std::string_view text) = 0;
};

} // namespace tessera::rs
