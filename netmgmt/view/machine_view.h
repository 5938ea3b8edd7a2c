// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The machine as a whole: what it is, how long it runs, stopping it.

#include "netmgmt/view/quantities.h"
#include "netmgmt/view/system_error.h"

#include <string>
#include <vector>

namespace tessera::netmgmt {

enum class Firmware : std::uint8_t { bios, uefi };

struct MachineInfo {
    std::string processor;
    std::vector<std::string> processor_features;
    ByteNumber memory;
    std::string command_line;
    Firmware firmware = Firmware::bios;
};

struct Uptime {
    Nanoseconds nanoseconds;
    TickCount timestamp_counter;
    TickCount boot_to_listening; ///< from kernel entry until netmgmt first listened
};

enum class MachineStop : std::uint8_t { power_off, restart };

class MachineView {
public:
    virtual SystemResult<MachineInfo> info() = 0;
    virtual SystemResult<Uptime> uptime() = 0;

    /// Whether `stop` would be allowed; asked before the reply that promises it.
    virtual SystemResult<void> may_stop() = 0;
    virtual void stop(MachineStop how) = 0;

protected:
    ~MachineView() = default;
};

} // namespace tessera::netmgmt
