// SPDX-License-Identifier: BSD-3-Clause
#include "netmgmt/guest/interrupt_view.h"
#include "kernel/abi/calls/devices.h"
#include "netmgmt/guest/errors.h"
#include "netmgmt/guest/process_names.h"
#include <limits>

namespace tessera::netmgmt::guest {

namespace {

InterruptLineState state_of(kernel_calls::InterruptLineState state) {
    switch (state) {
    case kernel_calls::InterruptLineState::closed:
        return InterruptLineState::closed;
    case kernel_calls::InterruptLineState::open:
        return InterruptLineState::open;
    case kernel_calls::InterruptLineState::contained:
        return InterruptLineState::contained;
    }
    return InterruptLineState::closed;
}

InterruptLineEntry shown(std::uint32_t line, const kernel_calls::InterruptsRead::Reply& raw) {
    InterruptLineEntry entry{.line = line,
                             .owner = {},
                             .owner_name = {},
                             .state = state_of(raw.state),
                             .raised = {raw.raised},
                             .delivered = {raw.delivered},
                             .spurious = {raw.spurious},
                             .contained = {raw.contained}};
    if (raw.owner == endpoints::none) return entry;
    entry.owner = EndpointNumber{raw.owner.value()};
    entry.owner_name = process_name(raw.owner);
    return entry;
}

} // namespace

ListResult GuestInterrupts::list(Range range, Visitor<InterruptLineEntry>& visitor) {
    for (std::uint64_t line = range.from.value; line <= std::numeric_limits<std::uint32_t>::max(); ++line) {
        const auto number = static_cast<std::uint32_t>(line);
        const auto read = kernel_call<kernel_calls::InterruptsRead>({InterruptLine{number}});
        if (read.status() == Status::no_entry) return {};
        if (!read.has_value()) return refusal(read.error(), "kernel");
        if (visitor.visit({line}, shown(number, *read)) == Visit::stop) return {};
    }
    return {};
}

} // namespace tessera::netmgmt::guest
