// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/core/signals.h"
#include "kernel/abi/calls/signals.h"
#include "kernel/core/kernel.h"
#include <bit>

namespace tessera::kernel::signals {

using kernel_calls::SignalEffect;

namespace {

struct Delivery {
    Signal signal;
    PendingFault fault;
};

// A fault of the process itself comes first, then the lowest number.
Delivery next_delivery(const SignalState& state) {
    if (const PendingFault& fault = state.fault; fault.cause != DeathCause::none)
        return {signal_of(fault.cause, fault.detail), fault};
    const SignalSet deliverable = state.pending & ~state.mask;
    return {static_cast<Signal>(std::countr_zero(deliverable.value) + 1), {}};
}

void settle(SignalState& state, const Delivery& delivery) {
    if (delivery.fault.cause != DeathCause::none)
        state.fault = {};
    else
        state.pending = state.pending & ~set_of(delivery.signal);
}

VirtualAddress frame_address(const Process& process) {
    const std::uint64_t below = process.context.stack_pointer - red_zone_bytes - sizeof(SignalFrame);
    return {below & ~(std::uint64_t{alignof(SignalFrame)} - 1)};
}

SignalFrame frame_of(const Process& process, const Delivery& delivery) {
    const SignalState& state = process.signals;
    const arch::UserContext& context = process.context;
    return {.mask = state.waits ? state.mask_after_wait : state.mask,
            .detail = delivery.fault.detail,
            .signal = delivery.signal,
            .cause = delivery.fault.cause,
            .registers = {.operation = context.operation,
                          .peer = context.peer,
                          .message = context.message,
                          .others = context.others,
                          .instruction_pointer = context.instruction_pointer,
                          .flags = context.flags,
                          .stack_pointer = context.stack_pointer},
            .extended = process.extended.bytes};
}

// As if the entry had been called with the address of the frame; everything is held back until it says otherwise.
void enter_handler(Process& process, VirtualAddress frame) {
    constexpr std::uint64_t return_address_bytes = 8;
    arch::UserContext context = arch::initial_context(process.signals.entry, frame - return_address_bytes);
    context.peer = frame.value;
    context.thread_pointer = process.context.thread_pointer;
    context.space = process.context.space;
    process.context = context;
    process.extended = arch::initial_extended_state();
    process.signals.waits = false;
    process.signals.mask = ~never_masked;
}

// suspended: VM brings the stack, and the delivery is tried again.
Completion handle(Kernel& kernel, Process& process, const Delivery& delivery) {
    kernel.unload(process);
    const SignalFrame frame = frame_of(process, delivery);
    const VirtualAddress address = frame_address(process);
    TESSERA_TRY(kernel.copies.out(process, &frame, process, address, sizeof(frame)));
    settle(process.signals, delivery);
    enter_handler(process, address);
    return Done{};
}

// Ends what a signal interrupts. An answer that the process waits for comes first: its request was taken.
void interrupt(Kernel& kernel, Process& process) {
    process.raise(Attention::signals);
    const bool waits_for_signal = process.blocked_by(Blocker::signal_wait);
    const bool only_receives =
        process.blocked_by(Blocker::receiving) && !process.blocked_by(Blocker::sending) && !process.awaits_reply;
    if (!waits_for_signal && !only_receives) return;
    kernel.messages.abandon(process);
    process.finish(Status::interrupted);
}

} // namespace

SignalEffect post(Kernel& kernel, Process& process, Signal signal) {
    SignalState& state = process.signals;
    if (contains(state.mask & ~never_masked, signal)) {
        state.pending = state.pending | set_of(signal);
        return SignalEffect::held_back;
    }
    if (contains(state.discarded(), signal)) return SignalEffect::nothing;
    if (!contains(state.handled, signal)) {
        kernel.end_process(process, DeathCause::signalled, static_cast<std::uint64_t>(signal));
        return SignalEffect::ended;
    }
    state.pending = state.pending | set_of(signal);
    interrupt(kernel, process);
    return SignalEffect::delivered;
}

void fault(Kernel& kernel, Process& process, DeathCause cause, std::uint64_t detail) {
    SignalState& state = process.signals;
    if (!contains(state.handled & ~state.mask, signal_of(cause, detail)))
        return kernel.end_process(process, cause, detail);
    state.fault = {cause, detail};
    process.raise(Attention::signals);
}

void set_mask(Process& process, SignalSet mask) {
    process.signals.mask = mask & ~never_masked;
    if (process.signals.deliverable()) process.raise(Attention::signals);
}

void deliver(Kernel& kernel, Process& process) {
    SignalState& state = process.signals;
    while (state.deliverable()) {
        const Delivery delivery = next_delivery(state);
        if (contains(state.handled, delivery.signal)) {
            const Completion handled = handle(kernel, process, delivery);
            if (handled.status() == Status::suspended) {
                process.settle(Attention::restart_call); // there is no call
                process.raise(Attention::signals);
            } else if (!handled.has_value())
                kernel.end_process(process, DeathCause::page_fault, frame_address(process).value);
            return;
        }
        settle(state, delivery);
        if (contains(state.discarded(), delivery.signal)) continue;
        return kernel.end_process(process, DeathCause::signalled, static_cast<std::uint64_t>(delivery.signal));
    }
}

Completion return_from(Kernel& kernel, Process& process, VirtualAddress address) {
    SignalFrame frame;
    TESSERA_TRY(kernel.copies.in(process, process, address, &frame, sizeof(frame)));
    const SavedRegisters& registers = frame.registers;
    if (!in_user_space({registers.instruction_pointer}, 1) || !in_user_space({registers.stack_pointer}, 0)) {
        kernel.end_process(process, DeathCause::signalled, static_cast<std::uint64_t>(Signal::segmentation_fault));
        return Done{};
    }
    kernel.unload(process);
    arch::UserContext& context = process.context;
    context.operation = registers.operation;
    context.peer = registers.peer;
    context.message = registers.message;
    context.others = registers.others;
    context.instruction_pointer = registers.instruction_pointer;
    context.flags = arch::permitted_flags(registers.flags);
    context.stack_pointer = registers.stack_pointer;
    context.entry = arch::EntryKind::interrupt;
    process.extended.bytes = frame.extended;
    arch::sanitise(process.extended);
    set_mask(process, frame.mask);
    process.raise(Attention::signals); // all registers come back: it leaves the kernel as after an interrupt
    return Done{};
}

} // namespace tessera::kernel::signals
