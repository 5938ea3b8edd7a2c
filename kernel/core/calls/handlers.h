// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// One handler for every entry of KernelCallTable. A handler checks everything before it changes anything, and answers
// `suspended` only while nothing is changed. What a call means and which errors it has: kernel/abi/calls/.

#include "kernel/abi/kernel_calls.h"
#include "kernel/core/kernel.h"

namespace tessera::kernel::calls {

template <class Call> using Handled = Result<typename Call::Reply>;

#define TESSERA_HANDLER(call)                                                                                          \
    Handled<kernel_calls::call> handle(kernel_calls::call, Kernel& kernel, Process& caller,                            \
                                       const kernel_calls::call::Request& request)

inline Handled<kernel_calls::Null> handle(kernel_calls::Null, Kernel&, Process&, const kernel_calls::Null::Request&) {
    return NoReply{};
}

// calls/time_and_log.cpp
TESSERA_HANDLER(ClockRead);
TESSERA_HANDLER(AlarmSet);
TESSERA_HANDLER(LogWrite);
TESSERA_HANDLER(LogRead);
TESSERA_HANDLER(LogWatch);

// calls/messages.cpp
TESSERA_HANDLER(MessageNextLost);

// calls/processes.cpp
TESSERA_HANDLER(Exit);
TESSERA_HANDLER(SetThreadPointer);
TESSERA_HANDLER(OwnEndpoint);
TESSERA_HANDLER(ProcessCreate);
TESSERA_HANDLER(ProcessFork);
TESSERA_HANDLER(ProcessDestroy);
TESSERA_HANDLER(ProcessStart);
TESSERA_HANDLER(ProcessStop);
TESSERA_HANDLER(ProcessKill);
TESSERA_HANDLER(ProcessInject);
TESSERA_HANDLER(ProcessNextDeath);
TESSERA_HANDLER(ProcessRead);

// calls/signals.cpp
TESSERA_HANDLER(SignalActions);
TESSERA_HANDLER(SignalMask);
TESSERA_HANDLER(SignalWait);
TESSERA_HANDLER(SignalRaise);
TESSERA_HANDLER(SignalReturn);
TESSERA_HANDLER(SignalPost);

// calls/privileges.cpp
TESSERA_HANDLER(PrivilegeSet);
TESSERA_HANDLER(PrivilegeGet);

// calls/scheduling.cpp
TESSERA_HANDLER(ScheduleNext);
TESSERA_HANDLER(Schedule);

// calls/spaces.cpp
TESSERA_HANDLER(SpaceBind);
TESSERA_HANDLER(SpaceAttach);
TESSERA_HANDLER(SpaceUnbind);
TESSERA_HANDLER(SpaceFlush);
TESSERA_HANDLER(RootEntriesSet);
TESSERA_HANDLER(FaultResolve);

// calls/devices.cpp
TESSERA_HANDLER(InterruptEnable);
TESSERA_HANDLER(InterruptsRead);
TESSERA_HANDLER(PortRead);
TESSERA_HANDLER(PortWrite);

// calls/grants.cpp
TESSERA_HANDLER(GrantTableSet);
TESSERA_HANDLER(GrantRead);
TESSERA_HANDLER(SafecopyFrom);
TESSERA_HANDLER(SafecopyTo);
TESSERA_HANDLER(Vsafecopy);
TESSERA_HANDLER(Safememset);
TESSERA_HANDLER(GrantResolve);

// calls/information.cpp
TESSERA_HANDLER(CountersRead);
TESSERA_HANDLER(MachineRead);
TESSERA_HANDLER(MachineControl);

// calls/observation.cpp
TESSERA_HANDLER(TraceControl);
TESSERA_HANDLER(TraceRead);
TESSERA_HANDLER(CallTimesRead);
TESSERA_HANDLER(MessageCountsRead);

} // namespace tessera::kernel::calls
