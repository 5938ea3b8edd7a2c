// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Kernel calls by name, and the group that every hosted program needs.

#include "kernel/abi/kernel_calls.h"
#include <optional>
#include <string_view>

namespace tessera::configuration {

// To live: thread pointer, own endpoint, exit, signals, time, alarm, log, the fate of its messages, and a grant table
// of its own.
inline constexpr std::uint64_t basic_kernel_calls =
    kernel_call_bits<kernel_calls::Null, kernel_calls::Exit, kernel_calls::SetThreadPointer, kernel_calls::OwnEndpoint,
                     kernel_calls::SignalActions, kernel_calls::SignalMask, kernel_calls::SignalWait,
                     kernel_calls::SignalRaise, kernel_calls::SignalReturn, kernel_calls::ClockRead,
                     kernel_calls::AlarmSet, kernel_calls::LogWrite, kernel_calls::GrantTableSet,
                     kernel_calls::MessageNextLost>;

// Those of a user process: it grants nothing, and may use what a service grants to it.
inline constexpr std::uint64_t user_kernel_calls =
    (basic_kernel_calls & ~kernel_call_bits<kernel_calls::GrantTableSet>) |
    kernel_call_bits<kernel_calls::SafecopyFrom, kernel_calls::SafecopyTo, kernel_calls::Vsafecopy,
                     kernel_calls::Safememset>;

// The mask bit of one call, or the bits of a group ("basic").
constexpr std::optional<std::uint64_t> kernel_call_bits_of(std::string_view name) {
    if (name == "basic") return basic_kernel_calls;
    std::optional<std::uint64_t> bits;
    KernelCallTable::for_each([&]<class Call>() {
        if (Call::name == name) bits = kernel_call_bits<Call>;
    });
    return bits;
}

} // namespace tessera::configuration
