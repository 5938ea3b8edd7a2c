// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The system as the methods see it. In the guest it sits on messages to the servers and on kernel calls; in tests on
// tables.

#include "netmgmt/view/data_store_view.h"
#include "netmgmt/view/fault_view.h"
#include "netmgmt/view/grant_view.h"
#include "netmgmt/view/interrupt_view.h"
#include "netmgmt/view/kernel_view.h"
#include "netmgmt/view/log_view.h"
#include "netmgmt/view/machine_view.h"
#include "netmgmt/view/memory_view.h"
#include "netmgmt/view/process_view.h"
#include "netmgmt/view/service_view.h"
#include "netmgmt/view/trace_view.h"

namespace tessera::netmgmt {

struct SystemView {
    MachineView& machine;
    ProcessView& processes;
    MemoryView& memory;
    DataStoreView& data_store;
    GrantView& grants;
    ServiceView& services;
    KernelView& kernel;
    LogView& log;
    FaultView& faults;
    TraceView& trace;
    InterruptView& interrupts;
};

} // namespace tessera::netmgmt
