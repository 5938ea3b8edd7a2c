// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/core/calls/handlers.h"

namespace tessera::kernel::calls {

using namespace kernel_calls;

Handled<ClockRead> handle(ClockRead, Kernel& kernel, Process&, const ClockRead::Request&) {
    return ClockRead::Reply{kernel.time.now(), arch::counter(), kernel.time.page().ticks_per_second,
                            kernel.time.page().at_entry};
}

Handled<AlarmSet> handle(AlarmSet, Kernel& kernel, Process& caller, const AlarmSet::Request& request) {
    kernel.clock.set_alarm(caller, request.deadline);
    return NoReply{};
}

Handled<LogWrite> handle(LogWrite, Kernel& kernel, Process& caller, const LogWrite::Request& request) {
    if (request.bytes > log_text_limit) return Status::too_big;
    if (request.level > LogLevel::error) return Status::invalid;
    std::array<char, log_text_limit> text;
    TESSERA_TRY(kernel.copies.in(caller, caller, request.address, text.data(), request.bytes));
    kernel.append_log(caller.endpoint, caller.name.view(), request.level, {text.data(), request.bytes});
    return NoReply{};
}

Handled<LogRead> handle(LogRead, Kernel& kernel, Process& caller, const LogRead::Request& request) {
    if (caller.endpoint == kernel.log.watcher()) kernel.log.watcher_asks(request.sequence);
    const LogRecord* record = TESSERA_TRY(kernel.log.read(request.sequence));
    TESSERA_TRY(kernel.copies.out(caller, record, caller, request.address, sizeof(*record)));
    return NoReply{};
}

Handled<LogWatch> handle(LogWatch, Kernel& kernel, Process& caller, const LogWatch::Request&) {
    kernel.log.set_watcher(caller.endpoint);
    return NoReply{};
}

} // namespace tessera::kernel::calls
