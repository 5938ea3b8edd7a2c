// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The processes, as the kernel schedules them.

#include "netmgmt/view/listing.h"
#include "netmgmt/view/quantities.h"

#include <optional>
#include <string>
#include <vector>

namespace tessera::netmgmt {

enum class ProcessState : std::uint8_t {
    running,
    ready,
    sending,
    receiving,
    page_fault,
    waiting_for_vm,
    stopped,
    dead,
};

struct ProcessEntry {
    EndpointNumber endpoint;
    std::uint32_t slot = 0;
    std::uint32_t generation = 0;
    std::string name;
    ProcessState state = ProcessState::ready;
    std::optional<std::string> waits_for; ///< "any" or the name of a process
    std::uint32_t priority = 0;
    TickCount processor_time;
    Counter messages; ///< sent
    Counter faults;
    bool service = false; ///< started by RS from the boot image's configuration
};

struct PortRange {
    std::uint16_t first = 0;
    std::uint16_t last = 0; ///< included
};

struct DeviceMemory {
    Address address;
    ByteCount bytes;
};

struct Privileges {
    std::vector<std::string> kernel_calls;
    std::vector<std::string> send_to;
    std::vector<std::uint32_t> interrupts;
    std::vector<PortRange> io_ports;
    std::vector<DeviceMemory> memory;
};

struct ProcessDetail : ProcessEntry {
    Privileges privileges;
    Address instruction_pointer;
    Counter kernel_calls;
};

class ProcessView {
public:
    /// Positions are slots.
    virtual ListResult list(Range range, Visitor<ProcessEntry>& visitor) = 0;
    /// ESRCH when no process has this endpoint.
    virtual SystemResult<ProcessDetail> get(EndpointNumber endpoint) = 0;

protected:
    ~ProcessView() = default;
};

} // namespace tessera::netmgmt
