// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The services that RS starts, watches and restarts.

#include "netmgmt/view/listing.h"
#include "netmgmt/view/quantities.h"

#include <optional>
#include <string>

namespace tessera::netmgmt {

enum class ServiceState : std::uint8_t { starting, running, restarting, stopped, failed };

enum class RestartPolicy : std::uint8_t { always, never, shutdown };

struct ServiceEntry {
    std::string label;
    std::optional<EndpointNumber> endpoint;
    ServiceState state = ServiceState::starting;
    std::uint32_t restarts = 0;
    std::optional<std::string> last_reason; ///< like "page fault at 0x0", "exit 3", "heartbeat missed"
    Nanoseconds uptime;
    std::uint32_t priority = 0;
    RestartPolicy restart_policy = RestartPolicy::always;
    std::uint32_t heartbeat_ms = 0;
};

struct RestartBegun {
    std::string label;
    EndpointNumber old_endpoint; ///< the new one shows in the list
};

class ServiceView {
public:
    /// Positions are slots of RS's table.
    virtual ListResult list(Range range, Visitor<ServiceEntry>& visitor) = 0;
    /// ESRCH when no service has this label, EPERM when its policy forbids it, EBUSY while it restarts.
    virtual SystemResult<RestartBegun> restart(const std::string& label) = 0;

protected:
    ~ServiceView() = default;
};

} // namespace tessera::netmgmt
