// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Types by the names that the headers use: an alias has none that a compiler would tell. A type that is missing here
// does not compile.

#include "kernel/abi/calls/devices.h"
#include "kernel/abi/calls/information.h"
#include "kernel/abi/calls/observation.h"
#include "kernel/abi/calls/processes.h"
#include "kernel/abi/calls/signals.h"
#include "kernel/abi/calls/spaces.h"
#include "kernel/abi/calls/time_and_log.h"
#include "kernel/abi/grant.h"
#include <string>

namespace tessera::manual {

template <class T> std::string_view type_name() = delete;

template <> inline std::string_view type_name<std::uint32_t>() { return "std::uint32_t"; }
template <> inline std::string_view type_name<std::uint16_t>() { return "std::uint16_t"; }
template <> inline std::string_view type_name<std::uint64_t>() { return "std::uint64_t"; }
template <> inline std::string_view type_name<std::array<std::uint8_t, 3>>() { return "std::array<std::uint8_t, 3>"; }
template <> inline std::string_view type_name<std::array<std::uint64_t, 7>>() { return "std::array<std::uint64_t, 7>"; }
template <> inline std::string_view type_name<VirtualAddress>() { return "VirtualAddress"; }
template <> inline std::string_view type_name<PhysicalAddress>() { return "PhysicalAddress"; }
template <> inline std::string_view type_name<Nanoseconds>() { return "Nanoseconds"; }
template <> inline std::string_view type_name<Ticks>() { return "Ticks"; }
template <> inline std::string_view type_name<InterruptLine>() { return "InterruptLine"; }
template <> inline std::string_view type_name<IoPort>() { return "IoPort"; }
template <> inline std::string_view type_name<Endpoint>() { return "Endpoint"; }
template <> inline std::string_view type_name<GrantId>() { return "GrantId"; }
template <> inline std::string_view type_name<GrantRights>() { return "GrantRights"; }
template <> inline std::string_view type_name<Name>() { return "Name"; }
template <> inline std::string_view type_name<Status>() { return "Status"; }
template <> inline std::string_view type_name<LogLevel>() { return "LogLevel"; }
template <> inline std::string_view type_name<DeathCause>() { return "DeathCause"; }
template <> inline std::string_view type_name<TraceClasses>() { return "TraceClasses"; }
template <> inline std::string_view type_name<Signal>() { return "Signal"; }
template <> inline std::string_view type_name<SignalSet>() { return "SignalSet"; }
template <> inline std::string_view type_name<kernel_calls::MaskChange>() { return "kernel_calls::MaskChange"; }
template <> inline std::string_view type_name<kernel_calls::SignalEffect>() { return "kernel_calls::SignalEffect"; }
template <> inline std::string_view type_name<kernel_calls::InterruptLineState>() {
    return "kernel_calls::InterruptLineState";
}
template <> inline std::string_view type_name<kernel_calls::InjectedFault>() { return "kernel_calls::InjectedFault"; }
template <> inline std::string_view type_name<kernel_calls::IoWidth>() { return "kernel_calls::IoWidth"; }
template <> inline std::string_view type_name<kernel_calls::MachineStop>() { return "kernel_calls::MachineStop"; }

// The struct of a call: "SpaceBind".
template <class Call> std::string call_type() {
    std::string_view text = __PRETTY_FUNCTION__; // "... [Call = tessera::kernel_calls::SpaceBind]"
    text.remove_suffix(1);
    return std::string(text.substr(text.rfind(':') + 1));
}

} // namespace tessera::manual
