// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Interrupt lines: who has them and what became of their interrupts.

#include "netmgmt/view/listing.h"
#include "netmgmt/view/quantities.h"
#include "netmgmt/view/system_error.h"

#include <optional>
#include <string>

namespace tessera::netmgmt {

enum class InterruptLineState : std::uint8_t { closed, open, contained };

struct InterruptLineEntry {
    std::uint32_t line = 0;
    std::optional<EndpointNumber> owner;
    std::string owner_name;
    InterruptLineState state = InterruptLineState::closed;
    Counter raised;
    Counter delivered;
    Counter spurious;
    Counter contained;
};

class InterruptView {
public:
    virtual ListResult list(Range range, Visitor<InterruptLineEntry>& visitor) = 0;

protected:
    ~InterruptView() = default;
};

} // namespace tessera::netmgmt
