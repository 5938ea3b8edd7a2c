// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/core/signals.h"
#include "kernel/core/calls/handlers.h"

namespace tessera::kernel::calls {

using namespace kernel_calls;

Handled<SignalActions> handle(SignalActions, Kernel&, Process& caller, const SignalActions::Request& request) {
    if (!in_user_space(request.entry, 1)) return Status::invalid;
    SignalState& state = caller.signals;
    state.entry = request.entry;
    state.handled = request.handled & ~never_masked;
    state.ignored = request.ignored & ~never_masked;
    state.pending = state.pending & ~state.discarded();
    return NoReply{};
}

Handled<SignalMask> handle(SignalMask, Kernel&, Process& caller, const SignalMask::Request& request) {
    const SignalState& state = caller.signals;
    const SignalMask::Reply reply{.before = state.mask, .pending = state.pending};
    switch (request.change) {
    case MaskChange::add:
        signals::set_mask(caller, state.mask | request.signals);
        return reply;
    case MaskChange::remove:
        signals::set_mask(caller, state.mask & ~request.signals);
        return reply;
    case MaskChange::replace:
        signals::set_mask(caller, request.signals);
        return reply;
    }
    return Status::invalid;
}

// The answer is there already: the caller stays blocked until there is a signal to handle.
Handled<SignalWait> handle(SignalWait, Kernel& kernel, Process& caller, const SignalWait::Request& request) {
    SignalState& state = caller.signals;
    state.mask_after_wait = state.mask;
    state.waits = true;
    state.pending = state.pending & ~(state.discarded() & ~request.mask);
    signals::set_mask(caller, request.mask);
    if (!state.deliverable()) {
        caller.block(Blocker::signal_wait);
        kernel.scheduler.update(caller);
    }
    return Status::interrupted;
}

Handled<SignalRaise> handle(SignalRaise, Kernel& kernel, Process& caller, const SignalRaise::Request& request) {
    if (!is_signal(request.signal)) return Status::invalid;
    (void)signals::post(kernel, caller, request.signal);
    return NoReply{};
}

Handled<SignalReturn> handle(SignalReturn, Kernel& kernel, Process& caller, const SignalReturn::Request& request) {
    TESSERA_TRY(signals::return_from(kernel, caller, request.frame));
    return NoReply{};
}

Handled<SignalPost> handle(SignalPost, Kernel& kernel, Process&, const SignalPost::Request& request) {
    if (!is_signal(request.signal)) return Status::invalid;
    Process* process = TESSERA_TRY(kernel.processes.living(request.endpoint));
    if (process->is_core()) return Status::not_permitted;
    return SignalPost::Reply{signals::post(kernel, *process, request.signal)};
}

} // namespace tessera::kernel::calls
