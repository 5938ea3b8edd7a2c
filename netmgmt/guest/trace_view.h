// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The kernel's trace by kernel calls.

#include "netmgmt/view/trace_view.h"

namespace tessera::netmgmt::guest {

class GuestTrace final : public TraceView {
public:
    SystemResult<Sequence> record(const std::vector<TraceClass>& classes) override;
    SystemResult<Counter> read(Range range, Visitor<TraceEntry>& visitor) override;
};

} // namespace tessera::netmgmt::guest
