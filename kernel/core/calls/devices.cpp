// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/arch/contract/machine.h"
#include "kernel/core/calls/handlers.h"

namespace tessera::kernel::calls {

using namespace kernel_calls;

namespace {

Completion check_port(const Process& caller, IoPort port, IoWidth width) {
    if (width != IoWidth::byte && width != IoWidth::word && width != IoWidth::double_word) return Status::invalid;
    const std::uint64_t last = port.value + static_cast<std::uint64_t>(width) - 1;
    const auto& ranges = caller.privileges.io_ranges;
    for (std::size_t i = 0; i < caller.privileges.io_range_count; ++i)
        if (port.value >= ranges[i].first && last <= ranges[i].last) return Done{};
    return Status::not_permitted;
}

} // namespace

Handled<InterruptEnable> handle(InterruptEnable, Kernel& kernel, Process& caller,
                                const InterruptEnable::Request& request) {
    TESSERA_TRY(kernel.interrupts.enable(caller, request.line));
    return NoReply{};
}

Handled<InterruptsRead> handle(InterruptsRead, Kernel& kernel, Process&, const InterruptsRead::Request& request) {
    return kernel.interrupts.read(request.line);
}

Handled<PortRead> handle(PortRead, Kernel&, Process& caller, const PortRead::Request& request) {
    TESSERA_TRY(check_port(caller, request.port, request.width));
    return PortRead::Reply{arch::read_port(request.port, request.width)};
}

Handled<PortWrite> handle(PortWrite, Kernel&, Process& caller, const PortWrite::Request& request) {
    TESSERA_TRY(check_port(caller, request.port, request.width));
    arch::write_port(request.port, request.width, request.value);
    return NoReply{};
}

} // namespace tessera::kernel::calls
