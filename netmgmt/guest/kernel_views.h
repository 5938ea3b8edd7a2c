// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// What the kernel itself tells: processes, counters, log, machine, grants. All by kernel calls that only read.

#include "netmgmt/view/system_view.h"
#include "servers/protocols/rs.h"

namespace tessera::netmgmt::guest {

class GuestProcesses final : public ProcessView {
public:
    ListResult list(Range range, Visitor<ProcessEntry>& visitor) override;
    SystemResult<ProcessDetail> get(EndpointNumber endpoint) override;
};

class GuestKernel final : public KernelView {
public:
    SystemResult<KernelCounters> counters() override;
    ListResult calls(Range range, Visitor<KernelCallEntry>& visitor) override;
    SystemResult<Counter> messages(Range range, Visitor<MessagePair>& visitor) override;
};

class GuestLog final : public LogView {
public:
    SystemResult<Counter> read(Range range, Visitor<LogEntry>& visitor) override;
};

class GuestMachine final : public MachineView {
public:
    SystemResult<MachineInfo> info() override;
    SystemResult<Uptime> uptime() override;
    SystemResult<void> may_stop() override;
    void stop(MachineStop how) override;

    /// Remembers that connections are accepted from now on.
    void now_listening();

private:
    TickCount boot_to_listening_;
};

} // namespace tessera::netmgmt::guest
