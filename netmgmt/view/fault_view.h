// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Faults injected on purpose.

#include "netmgmt/view/listing.h"
#include "netmgmt/view/quantities.h"

#include <chrono>
#include <optional>
#include <string>

namespace tessera::netmgmt {

enum class FaultModel : std::uint8_t { crash_null_jump, crash_illegal_instruction, kill, hang };

enum class FaultState : std::uint8_t { armed, fired, disarmed, failed };

struct FaultPlan {
    std::string target; ///< label of a service
    FaultModel model = FaultModel::kill;
    std::chrono::milliseconds delay{};
};

struct FaultEntry {
    std::uint32_t fault = 0;
    std::string target;
    FaultModel model = FaultModel::kill;
    FaultState state = FaultState::armed;
    std::optional<Nanoseconds> fired_at;    ///< since boot
    std::optional<EndpointNumber> endpoint; ///< whom it hit
};

class FaultView {
public:
    /// The number of the new fault. ESRCH when no service has this label, ENOSPC when too many are armed.
    virtual SystemResult<std::uint32_t> arm(const FaultPlan& plan) = 0;
    /// Positions are fault numbers.
    virtual ListResult list(Range range, Visitor<FaultEntry>& visitor) = 0;
    /// The state afterwards: a fault that has fired stays fired. ESRCH when there is no such fault.
    virtual SystemResult<FaultState> disarm(std::uint32_t fault) = 0;

protected:
    ~FaultView() = default;
};

} // namespace tessera::netmgmt
