// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/core/calls/handlers.h"

namespace tessera::kernel::calls {

using namespace kernel_calls;

Handled<TraceControl> handle(TraceControl, Kernel& kernel, Process&, const TraceControl::Request& request) {
    if (!request.classes.known()) return Status::invalid;
    kernel.observe(request.classes);
    return TraceControl::Reply{kernel.observer.trace().next_sequence()};
}

Handled<TraceRead> handle(TraceRead, Kernel& kernel, Process& caller, const TraceRead::Request& request) {
    const Trace& trace = kernel.observer.trace();
    const Trace::Reading reading = trace.read(request.sequence, request.capacity);
    TESSERA_TRY(kernel.copies.out(caller, reading.head.data(), caller, request.address, reading.head.size_bytes()));
    const VirtualAddress rest = request.address + reading.head.size_bytes();
    if (!reading.tail.empty())
        TESSERA_TRY(kernel.copies.out(caller, reading.tail.data(), caller, rest, reading.tail.size_bytes()));
    return TraceRead::Reply{reading.first, reading.count(), reading.lost, trace.next_sequence()};
}

Handled<CallTimesRead> handle(CallTimesRead, Kernel& kernel, Process& caller, const CallTimesRead::Request& request) {
    if (request.number >= KernelCallTable::size) return Status::no_entry;
    const KernelCallTimes& times = kernel.observer.call_times(request.number);
    TESSERA_TRY(kernel.copies.out(caller, &times, caller, request.address, sizeof(times)));
    return NoReply{};
}

Handled<MessageCountsRead> handle(MessageCountsRead, Kernel& kernel, Process& caller,
                                  const MessageCountsRead::Request& request) {
    const MessageCounts& counts = kernel.observer.message_counts();
    const MessageCount* pair = TESSERA_TRY(counts.read(request.index));
    TESSERA_TRY(kernel.copies.out(caller, pair, caller, request.address, sizeof(*pair)));
    return MessageCountsRead::Reply{counts.uncounted()};
}

} // namespace tessera::kernel::calls
