// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/core/calls/handlers.h"

namespace tessera::kernel::calls {

using namespace kernel_calls;

Handled<CountersRead> handle(CountersRead, Kernel& kernel, Process& caller, const CountersRead::Request& request) {
    TESSERA_TRY(kernel.copies.out(caller, &kernel.counters, caller, request.address, sizeof(KernelCounters)));
    return NoReply{};
}

Handled<MachineRead> handle(MachineRead, Kernel& kernel, Process& caller, const MachineRead::Request& request) {
    MachineInformation information;
    arch::describe(information);
    const BootInfo& boot = kernel.boot_info;
    for (std::uint32_t i = 0; i < boot.range_count; ++i)
        if (boot.ranges[i].kind != MemoryKind::reserved) information.total_pages += boot.ranges[i].bytes / page_bytes;
    information.command_line = boot.command_line;
    information.firmware = static_cast<std::uint64_t>(boot.firmware);
    TESSERA_TRY(kernel.copies.out(caller, &information, caller, request.address, sizeof(information)));
    return NoReply{};
}

Handled<MachineControl> handle(MachineControl, Kernel&, Process&, const MachineControl::Request& request) {
    switch (request.action) {
    case MachineStop::power_off:
        arch::power_off();
    case MachineStop::reboot:
        arch::reboot();
    }
    return Status::invalid;
}

} // namespace tessera::kernel::calls
