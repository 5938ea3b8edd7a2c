// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// All views of the guest in one place.

#include "netmgmt/guest/grant_views.h"
#include "netmgmt/guest/interrupt_view.h"
#include "netmgmt/guest/kernel_views.h"
#include "netmgmt/guest/server_views.h"
#include "netmgmt/guest/trace_view.h"

namespace tessera::netmgmt::guest {

class GuestSystem {
public:
    explicit GuestSystem(runtime::GrantTable& table) : data_store_(table) {}

    [[nodiscard]] SystemView view() {
        return {machine_, processes_, memory_, data_store_, grants_,    services_,
                kernel_,  log_,       faults_, trace_,      interrupts_};
    }
    [[nodiscard]] GuestMachine& machine() { return machine_; }

private:
    GuestMachine machine_;
    GuestProcesses processes_;
    GuestMemory memory_;
    GuestDataStore data_store_;
    GuestGrants grants_;
    GuestServices services_;
    GuestKernel kernel_;
    GuestLog log_;
    GuestFaults faults_;
    GuestTrace trace_;
    GuestInterrupts interrupts_;
};

} // namespace tessera::netmgmt::guest
