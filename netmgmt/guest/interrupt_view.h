// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "netmgmt/view/interrupt_view.h"

namespace tessera::netmgmt::guest {

class GuestInterrupts final : public InterruptView {
public:
    ListResult list(Range range, Visitor<InterruptLineEntry>& visitor) override;
};

} // namespace tessera::netmgmt::guest
