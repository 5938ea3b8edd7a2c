// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The one table of kernel calls. The position in KernelCallTable is the number. Dispatch, user stubs, masks, trace
// names, the management plane's schema and the manual (docs/kernel-calls.md) come from here. What a call consists of is
// declared in kernel/abi/calls/; who performs some calls includes their group, who needs all of them kernel_calls.h.

#include "kernel/abi/message.h"
#include "kernel/abi/type_list.h"

namespace tessera {

namespace kernel_calls {

// calls/processes.h
struct Exit;
struct SetThreadPointer;
struct OwnEndpoint;
struct ProcessCreate;
struct ProcessFork;
struct ProcessDestroy;
struct ProcessStart;
struct ProcessStop;
struct ProcessKill;
struct ProcessInject;
struct ProcessNextDeath;
struct ProcessRead;
// calls/messages.h
struct MessageNextLost;
// calls/signals.h
struct SignalActions;
struct SignalMask;
struct SignalWait;
struct SignalRaise;
struct SignalReturn;
struct SignalPost;
// calls/scheduling.h
struct ScheduleNext;
struct Schedule;
// calls/spaces.h
struct SpaceBind;
struct SpaceAttach;
struct SpaceUnbind;
struct SpaceFlush;
struct RootEntriesSet;
struct FaultResolve;
// calls/privileges.h
struct PrivilegeSet;
struct PrivilegeGet;
// calls/devices.h
struct InterruptEnable;
struct InterruptsRead;
struct PortRead;
struct PortWrite;
// calls/grants.h
struct GrantTableSet;
struct GrantRead;
struct SafecopyFrom;
struct SafecopyTo;
struct Vsafecopy;
struct Safememset;
struct GrantResolve;
// calls/time_and_log.h
struct ClockRead;
struct AlarmSet;
struct LogWrite;
struct LogRead;
struct LogWatch;
// calls/information.h
struct Null;
struct CountersRead;
struct MachineRead;
struct MachineControl;
// calls/observation.h
struct TraceControl;
struct TraceRead;
struct CallTimesRead;
struct MessageCountsRead;

} // namespace kernel_calls

using KernelCallTable =
    TypeList<kernel_calls::Null, kernel_calls::Exit, kernel_calls::SetThreadPointer, kernel_calls::OwnEndpoint,
             kernel_calls::ClockRead, kernel_calls::AlarmSet, kernel_calls::LogWrite, kernel_calls::LogRead,
             kernel_calls::LogWatch, kernel_calls::SignalActions, kernel_calls::SignalMask, kernel_calls::SignalWait,
             kernel_calls::SignalRaise, kernel_calls::SignalReturn, kernel_calls::SignalPost,
             kernel_calls::ProcessCreate, kernel_calls::ProcessFork, kernel_calls::ProcessDestroy,
             kernel_calls::ProcessStart, kernel_calls::ProcessStop, kernel_calls::ProcessKill,
             kernel_calls::ProcessInject, kernel_calls::ProcessNextDeath, kernel_calls::ProcessRead,
             kernel_calls::PrivilegeSet, kernel_calls::PrivilegeGet, kernel_calls::SpaceBind, kernel_calls::SpaceAttach,
             kernel_calls::SpaceUnbind, kernel_calls::SpaceFlush, kernel_calls::RootEntriesSet,
             kernel_calls::FaultResolve, kernel_calls::InterruptEnable, kernel_calls::PortRead, kernel_calls::PortWrite,
             kernel_calls::GrantTableSet, kernel_calls::GrantRead, kernel_calls::SafecopyFrom, kernel_calls::SafecopyTo,
             kernel_calls::Vsafecopy, kernel_calls::Safememset, kernel_calls::GrantResolve, kernel_calls::CountersRead,
             kernel_calls::MachineRead, kernel_calls::MachineControl, kernel_calls::MessageNextLost,
             kernel_calls::ScheduleNext, kernel_calls::Schedule, kernel_calls::TraceControl, kernel_calls::TraceRead,
             kernel_calls::CallTimesRead, kernel_calls::MessageCountsRead, kernel_calls::InterruptsRead>;

template <class Call> inline constexpr std::uint32_t kernel_call_number = KernelCallTable::index_of<Call>();

// The bits of a kernel_call_mask for some calls.
template <class... Calls>
inline constexpr std::uint64_t kernel_call_bits = ((1ull << kernel_call_number<Calls>) | ... | 0ull);

} // namespace tessera
