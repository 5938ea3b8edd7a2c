// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Every access of the kernel to user memory. A copy that meets a missing page asks VM on behalf of the caller and
// answers `suspended`: the kernel call is then run again from its start. VM's own copies never wait: they answer
// bad_address.

#include "kernel/core/messages.h"

namespace tessera::kernel {

// Whether the whole range is user space; false for one that wraps.
bool in_user_space(VirtualAddress address, std::uint64_t bytes);

class Copies {
public:
    Copies(Messages& messages, KernelCounters& counters) : messages_(messages), counters_(counters) {}

    // Errors: bad_address (not user space, no address space, VM refused), suspended.
    Completion between(Process& caller, Process& source, VirtualAddress from, Process& destination, VirtualAddress to,
                       std::uint64_t bytes);
    Completion in(Process& caller, Process& source, VirtualAddress from, void* to, std::uint64_t bytes);
    Completion out(Process& caller, const void* from, Process& destination, VirtualAddress to, std::uint64_t bytes);

private:
    Completion ask_vm(Process& caller, const Process& process, VirtualAddress address, std::uint64_t bytes,
                      FaultAccess access);

    Messages& messages_;
    KernelCounters& counters_;
};

} // namespace tessera::kernel
