// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// From the number in a context to the handler and back; derived from KernelCallTable.

namespace tessera::kernel {
class Kernel;
struct Process;
} // namespace tessera::kernel

namespace tessera::kernel::calls {

// Performs the kernel call that the caller's context asks for. The context is changed only when the call is done: a
// suspended one is performed again later with the same words.
void dispatch(Kernel& kernel, Process& caller);

} // namespace tessera::kernel::calls
