// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The state of one processor; the GS base points to it while in the kernel. Nothing here is shared between processors.

#include "kernel/arch/contract/context.h"
#include "kernel/arch/x86_64/descriptors.h"
#include "kernel/arch/x86_64/timer.h"
#include <cstdint>

namespace tessera::kernel {
class Kernel;
}

namespace tessera::kernel::x86_64 {

struct Features {
    bool supervisor_execution_prevention = false;
    bool supervisor_access_prevention = false;
    bool process_context_ids = false;
    bool user_instruction_prevention = false;
    bool extended_state_saving = false; // XSAVE
    bool wide_vectors = false;          // AVX
};

struct Cpu {
    Cpu* self = nullptr;
    arch::UserContext* context = nullptr; // of the process that runs: where an entry stores its registers
    std::uint64_t kernel_stack = 0;       // its top
    std::uint64_t scratch = 0;            // the user's stack pointer in the first instructions of an entry
    std::uint32_t extended_state = 0;     // the parts that XSAVE keeps (XCR0 bits); 0: FXSAVE keeps x87 and SSE
    Kernel* kernel = nullptr;
    Features features;
    std::uint64_t counter_rate = 0;
    Timer timer;
    Descriptors descriptors;
};

// The processor that executes this.
inline Cpu& this_cpu() {
    Cpu* cpu;
    asm("mov %%gs:0, %0" : "=r"(cpu));
    return *cpu;
}

// Turns on what the kernel relies on (write protection, NX, global pages, SSE state) and what the processor has besides
// (SMEP, SMAP, PCID, UMIP); loads descriptors, system-call registers and the GS base; finds the counter's rate.
void initialise(Cpu& cpu);

} // namespace tessera::kernel::x86_64
