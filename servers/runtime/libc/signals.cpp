// SPDX-License-Identifier: BSD-3-Clause
// Signals: the actions of a process live here, the kernel knows which signals are handled and enters `enter`. There is
// no second stack for handlers (sigaltstack), and no queue: a signal that is pending twice is handled once.

#include "kernel/abi/calls/signals.h"
#include "kernel/abi/signal_frame.h"
#include "servers/protocols/pm.h"
#include "servers/runtime/libc/linux.h"
#include "servers/runtime/libc/process_manager.h"
#include <array>
#include <cstring>
#include <signal.h>
#include <ucontext.h>

namespace tessera::libc {

namespace {

using kernel_calls::MaskChange;

constexpr std::uintptr_t by_default = 0, ignored = 1; // SIG_DFL, SIG_IGN

// musl's struct k_sigaction for x86-64.
struct Action {
    std::uintptr_t handler = by_default; // or one of the two, or of a function with one or with three arguments
    unsigned long flags = 0;
    void (*restorer)() = nullptr; // not used: `enter` returns by itself
    SignalSet mask{};
};
static_assert(sizeof(Action) == 32);

// A process has one set of actions, and a handler is entered without an argument that could carry them.
constinit std::array<Action, signal_limit + 1> actions{}; // by number
constinit volatile bool all_handlers_restart = true;      // of those that ran since a RestartScope began

SignalSet change_mask(MaskChange change, SignalSet signals) {
    const auto reply = kernel_call<kernel_calls::SignalMask>({.change = change, .signals = signals});
    return reply.has_value() ? reply->before : SignalSet{};
}

bool has(const Action& action, unsigned long flag) { return (action.flags & flag) != 0; }
bool is_handled(const Action& action) { return action.handler != by_default && action.handler != ignored; }

// The signal as SA_SIGINFO handlers see it. Who posted a signal is not known.
siginfo_t information_of(const SignalFrame& frame) {
    siginfo_t information{};
    information.si_signo = static_cast<int>(frame.signal);
    switch (frame.cause) {
    case DeathCause::page_fault:
        information.si_code = SEGV_MAPERR;
        information.si_addr = reinterpret_cast<void*>(frame.detail);
        break;
    case DeathCause::illegal_instruction:
        information.si_code = ILL_ILLOPN;
        information.si_addr = reinterpret_cast<void*>(frame.registers.instruction_pointer);
        break;
    case DeathCause::divide_error:
        information.si_code = FPE_INTDIV;
        information.si_addr = reinterpret_cast<void*>(frame.registers.instruction_pointer);
        break;
    case DeathCause::none:
        information.si_code = SI_USER;
        break;
    default:
        information.si_code = SI_KERNEL;
        break;
    }
    return information;
}

// Where the registers of a frame are in those of a ucontext_t.
struct RegisterPlace {
    int general; // REG_...
    std::uint64_t SavedRegisters::* field;
};
constexpr std::array register_places{
    RegisterPlace{REG_RAX, &SavedRegisters::operation},           RegisterPlace{REG_RDI, &SavedRegisters::peer},
    RegisterPlace{REG_RIP, &SavedRegisters::instruction_pointer}, RegisterPlace{REG_EFL, &SavedRegisters::flags},
    RegisterPlace{REG_RSP, &SavedRegisters::stack_pointer},
};
constexpr std::array<int, message_words> message_registers{REG_RSI, REG_RDX, REG_R8,  REG_R9,
                                                           REG_R10, REG_R12, REG_R13, REG_R14};
constexpr std::array<int, 5> other_registers{REG_RBX, REG_RBP, REG_R15, REG_RCX, REG_R11};

template <class Visitor> void for_each_register(ucontext_t& context, SavedRegisters& saved, Visitor&& visitor) {
    auto& general = context.uc_mcontext.gregs;
    for (const RegisterPlace& place : register_places) visitor(general[place.general], saved.*place.field);
    for (std::size_t i = 0; i < message_registers.size(); ++i)
        visitor(general[message_registers[i]], saved.message.words[i]);
    for (std::size_t i = 0; i < other_registers.size(); ++i) visitor(general[other_registers[i]], saved.others[i]);
}

// What a handler changes in its context takes effect when it returns.
void call_with_information(const Action& action, SignalFrame& frame) {
    siginfo_t information = information_of(frame);
    ucontext_t context{};
    for_each_register(context, frame.registers,
                      [](auto& general, std::uint64_t& saved) { general = static_cast<greg_t>(saved); });
    std::memcpy(&context.uc_sigmask, &frame.mask, sizeof(frame.mask));
    reinterpret_cast<void (*)(int, siginfo_t*, void*)>(action.handler)(information.si_signo, &information, &context);
    for_each_register(context, frame.registers,
                      [](auto& general, std::uint64_t& saved) { saved = static_cast<std::uint64_t>(general); });
    std::memcpy(&frame.mask, &context.uc_sigmask, sizeof(frame.mask));
}

Completion tell_kernel();

// The kernel enters here, with every signal held back.
[[noreturn]] void enter(SignalFrame* frame) {
    const auto number = static_cast<std::size_t>(frame->signal);
    const Action action = actions[number];
    if (!has(action, SA_RESTART)) all_handlers_restart = false;
    if (has(action, SA_RESETHAND)) {
        actions[number].handler = by_default;
        (void)tell_kernel();
    }
    const SignalSet itself = has(action, SA_NODEFER) ? SignalSet{} : set_of(frame->signal);
    (void)change_mask(MaskChange::replace, frame->mask | action.mask | itself);
    if (has(action, SA_SIGINFO))
        call_with_information(action, *frame);
    else if (is_handled(action))
        reinterpret_cast<void (*)(int)>(action.handler)(static_cast<int>(number));
    (void)kernel_call<kernel_calls::SignalReturn>({.frame = {reinterpret_cast<std::uint64_t>(frame)}});
    __builtin_trap(); // the frame is no memory any more
}

Completion tell_kernel() {
    SignalSet handled{}, discarded{};
    for (std::uint8_t number = 1; number <= signal_limit; ++number) {
        const auto signal = set_of(static_cast<Signal>(number));
        if (is_handled(actions[number])) handled = handled | signal;
        if (actions[number].handler == ignored) discarded = discarded | signal;
    }
    TESSERA_TRY(kernel_call<kernel_calls::SignalActions>(
        {.entry = {reinterpret_cast<std::uint64_t>(&enter)}, .handled = handled, .ignored = discarded}));
    return Done{};
}

bool is_number(long signal) { return signal >= 1 && signal <= signal_limit; }

} // namespace

LinuxResult set_signal_action(const Arguments& arguments) {
    const long number = arguments.a;
    if (!is_number(number)) return linux_error(Status::invalid);
    Action& action = actions[static_cast<std::size_t>(number)];
    if (arguments.c != 0) *reinterpret_cast<Action*>(arguments.c) = action;
    if (arguments.b == 0) return 0;
    if (number == SIGKILL || number == SIGSTOP) return linux_error(Status::invalid);
    // A handler must not see half of an action.
    const SignalSet before = change_mask(MaskChange::add, all_signals);
    action = *reinterpret_cast<const Action*>(arguments.b);
    const Completion told = tell_kernel();
    (void)change_mask(MaskChange::replace, before);
    return linux_error(told.status());
}

LinuxResult change_signal_mask(const Arguments& arguments) {
    const auto [how, set, before, bytes, _1, _2] = arguments;
    if (bytes != sizeof(SignalSet)) return linux_error(Status::invalid);
    static_assert(SIG_BLOCK == static_cast<int>(MaskChange::add) &&
                  SIG_UNBLOCK == static_cast<int>(MaskChange::remove) &&
                  SIG_SETMASK == static_cast<int>(MaskChange::replace));
    const SignalSet signals = set == 0 ? SignalSet{} : *reinterpret_cast<const SignalSet*>(set);
    const auto change = set == 0 ? MaskChange::add : static_cast<MaskChange>(how);
    const auto reply = kernel_call<kernel_calls::SignalMask>({.change = change, .signals = signals});
    if (!reply.has_value()) return linux_error(reply.error());
    if (before != 0) *reinterpret_cast<SignalSet*>(before) = reply->before;
    return 0;
}

LinuxResult pending_signals(const Arguments& arguments) {
    const auto reply = kernel_call<kernel_calls::SignalMask>({.change = MaskChange::add, .signals = {}});
    if (!reply.has_value()) return linux_error(reply.error());
    *reinterpret_cast<SignalSet*>(arguments.a) = reply->pending;
    return 0;
}

LinuxResult suspend_for_signal(const Arguments& arguments) {
    if (arguments.b != sizeof(SignalSet)) return linux_error(Status::invalid);
    const auto mask = *reinterpret_cast<const SignalSet*>(arguments.a);
    return linux_error(kernel_call<kernel_calls::SignalWait>({.mask = mask}).status());
}

LinuxResult pause_for_signal() {
    const SignalSet mask = change_mask(MaskChange::add, {});
    return linux_error(kernel_call<kernel_calls::SignalWait>({.mask = mask}).status());
}

// There are no process groups: no signal is for more than one process.
LinuxResult signal_process(const Arguments& arguments) {
    const auto [process, signal, _1, _2, _3, _4] = arguments;
    if (signal < 0 || signal > signal_limit) return linux_error(Status::invalid);
    if (process <= 0) return linux_error(Status::not_implemented);
    flush_output(); // it may be for this process, and its end
    const auto reply = process_manager().call<protocol::pm::Kill>(
        {.process_id = static_cast<std::uint32_t>(process), .signal = static_cast<Signal>(signal)});
    return linux_error(reply.status());
}

LinuxResult signal_thread(long thread, long signal) {
    if (thread != own_process_id()) return linux_error(Status::no_such);
    if (signal == 0) return 0;
    if (!is_number(signal)) return linux_error(Status::invalid);
    if (!is_handled(actions[static_cast<std::size_t>(signal)])) flush_output(); // it may be the end
    return linux_error(kernel_call<kernel_calls::SignalRaise>({.signal = static_cast<Signal>(signal)}).status());
}

RestartScope::RestartScope() { all_handlers_restart = true; }
bool RestartScope::restarts() const { return all_handlers_restart; }

} // namespace tessera::libc
