// SPDX-License-Identifier: BSD-3-Clause
// The kernel's composition root: what there is, in the order in which it starts.

#include "kernel/main.h"
#include "kernel/arch/x86_64/address_space.h"
#include "kernel/arch/x86_64/cpu.h"
#include "kernel/arch/x86_64/entry.h"
#include "kernel/arch/x86_64/interrupt_controller.h"
#include "kernel/arch/x86_64/timer.h"
#include "kernel/core/kernel.h"
#include <new>

namespace tessera::kernel {

namespace {

constinit x86_64::Cpu cpu;
alignas(Kernel) std::byte kernel_memory[sizeof(Kernel)]; // constructed in main, never destroyed

} // namespace

void main(const BootInfo& boot_info) {
    x86_64::initialise(cpu);
    auto& kernel = *new (kernel_memory) Kernel{boot_info};
    cpu.kernel = &kernel;
    x86_64::drop_boot_mapping();
    x86_64::initialise_interrupt_controller();
    kernel.create_core_processes();
    kernel.write_log(LogLevel::info, "the kernel runs");
    x86_64::start_periodic_timer();
    x86_64::tessera_leave_kernel();
}

} // namespace tessera::kernel
