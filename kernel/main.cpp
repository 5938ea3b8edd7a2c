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

// A whole page: processes see all of it.
struct alignas(page_bytes) ClockFrame {
    ClockPage page;
};
static_assert(sizeof(ClockFrame) == page_bytes);
constinit ClockFrame clock_frame;

alignas(Kernel) std::byte kernel_memory[sizeof(Kernel)]; // constructed in main, never destroyed

// A character costs 87 microseconds here: the usual case is one short line.
void log_start(Kernel& kernel, const x86_64::InterruptPlan& plan) {
    Text<log_text_limit> line;
    line << "runs: " << x86_64::name_of(plan.wiring) << ", " << x86_64::name_of(cpu.timer.source) << " timer";
    if (plan.wiring != x86_64::InterruptWiring::io_apic) line << "; " << plan.reason;
    kernel.write_log(LogLevel::info, line.view());
}

} // namespace

PhysicalAddress clock_page() { return x86_64::kernel_physical(&clock_frame); }

void main(const BootInfo& boot_info) {
    x86_64::initialise(cpu);
    auto& kernel = *new (kernel_memory) Kernel{boot_info};
    cpu.kernel = &kernel;
    clock_frame.page = kernel.time.page();
    x86_64::drop_boot_mapping();
    const x86_64::InterruptPlan interrupts = x86_64::initialise_interrupt_controllers(x86_64::plan_interrupts(
        boot_info.interrupt_controllers, x86_64::pic::level_lines(), boot_info.command_line.data()));
    cpu.timer = x86_64::choose_timer(interrupts.wiring);
    kernel.create_core_processes();
    log_start(kernel, interrupts);
    x86_64::tessera_leave_kernel();
}

} // namespace tessera::kernel
