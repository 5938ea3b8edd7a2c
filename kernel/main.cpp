// SPDX-License-Identifier: BSD-3-Clause
// The kernel's composition root: what there is, in the order in which it starts.

#include "kernel/main.h"
#include "kernel/arch/x86_64/address_space.h"
#include "kernel/arch/x86_64/cpu.h"
#include "kernel/arch/x86_64/entry.h"
#include "kernel/arch/x86_64/interrupt_controller.h"
#include "kernel/arch/x86_64/pic.h"
#include "kernel/arch/x86_64/timer.h"
#include "kernel/core/kernel.h"
#include "kernel/core/text.h"
#include <new>

namespace tessera::kernel {

namespace {

constinit x86_64::Cpu cpu;
alignas(Kernel) std::byte kernel_memory[sizeof(Kernel)]; // constructed in main, never destroyed

void log_interrupts(Kernel& kernel, const x86_64::InterruptPlan& plan) {
    Text<log_text_limit> line;
    line << "interrupts: " << x86_64::name_of(plan.wiring) << ", " << plan.reason
         << "; timer: " << x86_64::name_of(cpu.timer.source);
    kernel.write_log(LogLevel::info, line.view());
}

} // namespace

void main(const BootInfo& boot_info) {
    x86_64::initialise(cpu);
    auto& kernel = *new (kernel_memory) Kernel{boot_info};
    cpu.kernel = &kernel;
    x86_64::drop_boot_mapping();
    const x86_64::InterruptPlan interrupts = x86_64::initialise_interrupt_controllers(x86_64::plan_interrupts(
        boot_info.interrupt_controllers, x86_64::pic::level_lines(), boot_info.command_line.data()));
    cpu.timer = x86_64::choose_timer(interrupts.wiring);
    kernel.create_core_processes();
    kernel.write_log(LogLevel::info, "the kernel runs");
    log_interrupts(kernel, interrupts);
    x86_64::tessera_leave_kernel();
}

} // namespace tessera::kernel
