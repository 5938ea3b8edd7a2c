// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Every access of the kernel to user memory. A copy that meets a missing page asks VM on behalf of the caller and
// answers `suspended`: the kernel call is then run again from its start. VM's own copies never wait: they answer
// bad_address.

#include "kernel/arch/contract/address_space.h"
#include "kernel/core/messages.h"

namespace tessera::kernel {

// Whether the whole range is user space; false for one that wraps.
bool in_user_space(VirtualAddress address, std::uint64_t bytes);

class Copies {
public:
    Copies(Messages& messages, KernelCounters& counters) : messages_(messages), counters_(counters) {}

    struct Ends {
        Process& source;
        VirtualAddress from;
        Process& destination;
        VirtualAddress to;
        std::uint64_t bytes;
    };

    // Errors: bad_address (not user space, no address space, VM refused), suspended.
    Completion between(Process& caller, const Ends& ends);
    // The two halves of it: copies as far as there is memory (bad_address), and asks VM for what is missing.
    Result<arch::CopyFault> attempt(const Ends& ends);
    Completion supply(Process& caller, const Ends& ends, arch::CopySide side);
    // Writes bytes that are all the same, as far as there is memory. bad_address.
    Result<arch::CopyFault> fill(const Process& destination, VirtualAddress to, std::byte value, std::uint64_t bytes);
    Completion in(Process& caller, Process& source, VirtualAddress from, void* to, std::uint64_t bytes);
    Completion out(Process& caller, const void* from, Process& destination, VirtualAddress to, std::uint64_t bytes);
    // Adds one to an aligned word that the kernel read in this call, if its page can be written.
    static void count_up(const Process& process, VirtualAddress word) {
        arch::count_up(arch::root_entry(process.endpoint.slot()), word);
    }
    // Asks VM for memory of a process on behalf of the caller. suspended; bad_address: VM does not wait for itself.
    Completion ask_vm(Process& caller, const Process& process, VirtualAddress address, std::uint64_t bytes,
                      FaultAccess access);

private:
    Messages& messages_;
    KernelCounters& counters_;
};

} // namespace tessera::kernel
