// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Signals of a process: what is posted, held back, and delivered before it runs again. docs/kernel.md.

#include "kernel/abi/calls/signals.h"
#include "kernel/core/process.h"

namespace tessera::kernel {

class Kernel;

namespace signals {

kernel_calls::SignalEffect post(Kernel& kernel, Process& process, Signal signal);

// What the processor refused: the process gets it as a signal if it handles that, or ends.
void fault(Kernel& kernel, Process& process, DeathCause cause, std::uint64_t detail);

void set_mask(Process& process, SignalSet mask);

// With Attention::signals: enters the handler of one signal, or ends the process, or asks VM for its stack first.
void deliver(Kernel& kernel, Process& process);

// The process goes on where the frame says; a bad one ends it. bad_address, suspended.
Completion return_from(Kernel& kernel, Process& process, VirtualAddress frame);

} // namespace signals

} // namespace tessera::kernel
