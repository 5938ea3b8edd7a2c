// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Signals: numbers as on Linux for x86-64, what each does to a process that does not handle it, and which one stands
// for the death of a process.

#include "kernel/abi/process.h"

namespace tessera {

enum class Signal : std::uint8_t {
    none = 0,
    hangup = 1,
    interrupt = 2,
    quit = 3,
    illegal_instruction = 4,
    trap = 5,
    abort = 6,
    bus_error = 7,
    arithmetic_error = 8,
    kill = 9,
    user_1 = 10,
    segmentation_fault = 11,
    user_2 = 12,
    broken_pipe = 13,
    alarm = 14,
    terminate = 15,
    stack_fault = 16,
    child = 17,
    go_on = 18,
    stop = 19,
    terminal_stop = 20,
    terminal_input = 21,
    terminal_output = 22,
    urgent = 23,
    window_change = 28,
    bad_system_call = 31,
};
inline constexpr std::uint8_t signal_limit = 64; // numbers 1 to this one; those without a name are the program's

constexpr bool is_signal(Signal signal) {
    return signal != Signal::none && static_cast<std::uint8_t>(signal) <= signal_limit;
}

// A set of signals: bit n - 1 for number n, as in a sigset_t.
using SignalSet = Scalar<struct SignalSetTag>;

constexpr SignalSet operator|(SignalSet a, SignalSet b) { return {a.value | b.value}; }
constexpr SignalSet operator&(SignalSet a, SignalSet b) { return {a.value & b.value}; }
constexpr SignalSet operator~(SignalSet set) { return {~set.value}; }
constexpr SignalSet set_of(Signal signal) { return {1ull << (static_cast<std::uint8_t>(signal) - 1)}; }
constexpr bool contains(SignalSet set, Signal signal) { return (set & set_of(signal)).value != 0; }
constexpr bool empty(SignalSet set) { return set.value == 0; }

inline constexpr SignalSet all_signals{~0ull};
inline constexpr SignalSet never_masked = set_of(Signal::kill) | set_of(Signal::stop);

// What becomes of a process that neither handles nor ignores a signal. Nothing stops a process: those that stop it
// elsewhere do nothing here.
enum class DefaultAction : std::uint8_t { terminate, nothing };

constexpr DefaultAction default_action(Signal signal) {
    switch (signal) {
    case Signal::child:
    case Signal::go_on:
    case Signal::stop:
    case Signal::terminal_stop:
    case Signal::terminal_input:
    case Signal::terminal_output:
    case Signal::urgent:
    case Signal::window_change:
        return DefaultAction::nothing;
    default:
        return DefaultAction::terminate;
    }
}

// Those whose default action is nothing.
inline constexpr SignalSet usually_discarded = [] {
    SignalSet set{};
    for (std::uint8_t number = 1; number <= signal_limit; ++number)
        if (default_action(static_cast<Signal>(number)) == DefaultAction::nothing)
            set = set | set_of(static_cast<Signal>(number));
    return set;
}();

// The signal that an exception of the processor is to a program: SDM volume 3A, table 6-1; the choice is Linux's.
constexpr Signal signal_of_vector(std::uint64_t vector) {
    switch (vector) {
    case 1: // debug
    case 3: // breakpoint
        return Signal::trap;
    case 16: // x87
    case 19: // SIMD
        return Signal::arithmetic_error;
    case 17: // alignment
        return Signal::bus_error;
    default:
        return Signal::segmentation_fault;
    }
}

// The signal that ended a process which died of this; none: it exited.
constexpr Signal signal_of(DeathCause cause, std::uint64_t detail) {
    switch (cause) {
    case DeathCause::none:
    case DeathCause::exited:
        return Signal::none;
    case DeathCause::page_fault:
    case DeathCause::general_protection:
        return Signal::segmentation_fault;
    case DeathCause::illegal_instruction:
        return Signal::illegal_instruction;
    case DeathCause::divide_error:
        return Signal::arithmetic_error;
    case DeathCause::other_exception:
        return signal_of_vector(detail);
    case DeathCause::killed:
        return Signal::kill;
    case DeathCause::message_error:
        return Signal::bus_error;
    case DeathCause::signalled:
        return static_cast<Signal>(detail);
    }
    return Signal::kill;
}

} // namespace tessera
