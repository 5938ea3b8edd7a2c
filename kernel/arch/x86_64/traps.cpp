// SPDX-License-Identifier: BSD-3-Clause
// From vectors to the kernel's entries, and back to the context of the process to run.

#include "kernel/arch/contract/machine.h"
#include "kernel/arch/x86_64/cpu.h"
#include "kernel/arch/x86_64/entry.h"
#include "kernel/arch/x86_64/interrupt_controller.h"
#include "kernel/arch/x86_64/local_apic.h"
#include "kernel/arch/x86_64/memory_map.h"
#include "kernel/arch/x86_64/panic.h"
#include "kernel/arch/x86_64/registers.h"
#include "kernel/core/kernel.h"

extern "C" const char tessera_vectors[];

namespace tessera::kernel::x86_64 {

namespace {

enum class Vector : std::uint64_t {
    divide_error = 0,
    non_maskable = 2,
    invalid_opcode = 6,
    double_fault = 8,
    stack_segment = 12,
    general_protection = 13,
    page_fault = 14,
    machine_check = 18,
};

constexpr std::size_t vector_stub_bytes = 16;

UserException exception_of(std::uint64_t vector, std::uint64_t error) {
    switch (static_cast<Vector>(vector)) {
    case Vector::page_fault: {
        FaultAccess access = FaultAccess::read;
        if ((error & page_fault::instruction_fetch) != 0)
            access = FaultAccess::execute;
        else if ((error & page_fault::write) != 0)
            access = FaultAccess::write;
        return {DeathCause::page_fault, read_cr2(), access};
    }
    case Vector::divide_error:
        return {DeathCause::divide_error};
    case Vector::invalid_opcode:
        return {DeathCause::illegal_instruction};
    case Vector::stack_segment: // a non-canonical stack address
    case Vector::general_protection:
        return {DeathCause::general_protection};
    default:
        return {DeathCause::other_exception, vector};
    }
}

void line_interrupt(Kernel& kernel, InterruptLine line) {
    if (!accept_line(line)) return kernel.spurious_interrupt();
    if (is_timer(line))
        kernel.clock_interrupt();
    else
        kernel.interrupt(line);
    // Only now, with a device's line masked: the device still asserts it, and would raise it again.
    finish_line(line);
}

void interrupt(Kernel& kernel, std::uint64_t vector) {
    if (vector < first_line_vector + arch::interrupt_lines)
        return line_interrupt(kernel, {static_cast<std::uint32_t>(vector - first_line_vector)});
    if (vector != timer_vector) return kernel.spurious_interrupt(); // of the local APIC: none is in service
    kernel.clock_interrupt();
    local_apic::end_of_interrupt();
}

Process& running_process(Cpu& cpu) { return *reinterpret_cast<Process*>(cpu.context); }
static_assert(offsetof(Process, context) == 0);

// A page fault of the window copy is an answer, not a defect.
bool resume_copy(KernelFrame& frame) {
    const auto begin = reinterpret_cast<std::uint64_t>(tessera_copy_begin);
    const auto end = reinterpret_cast<std::uint64_t>(tessera_copy_end);
    const std::uint64_t address = read_cr2();
    const bool in_window =
        address >= slot_address(window_slot_source) && address < slot_address(window_slot_destination + 1);
    if (frame.rip < begin || frame.rip >= end || !in_window) return false;
    frame.rip = reinterpret_cast<std::uint64_t>(tessera_copy_faulted);
    frame.rax = address;
    return true;
}

} // namespace

std::uint64_t vector_entry(std::size_t vector) {
    return reinterpret_cast<std::uint64_t>(tessera_vectors) + vector * vector_stub_bytes;
}

extern "C" {

[[gnu::used]] void tessera_user_call(Kernel& kernel, Process& caller) { kernel.user_call(caller); }

[[gnu::used]] void tessera_user_trap(std::uint64_t vector, std::uint64_t error) {
    Cpu& cpu = this_cpu();
    // An interrupt leaves AC as the user had it, and AC switches SMAP off.
    if (cpu.features.supervisor_access_prevention) asm volatile("clac");
    if (vector >= first_line_vector) return interrupt(*cpu.kernel, vector);
    if (vector == static_cast<std::uint64_t>(Vector::non_maskable) ||
        vector == static_cast<std::uint64_t>(Vector::machine_check))
        panic("non-maskable interrupt or machine check in user mode", nullptr);
    cpu.kernel->user_exception(running_process(cpu), exception_of(vector, error));
}

[[gnu::used]] void tessera_kernel_trap(KernelFrame& frame) {
    if (frame.vector >= first_line_vector) return interrupt(*this_cpu().kernel, frame.vector);
    if (frame.vector == static_cast<std::uint64_t>(Vector::page_fault) && resume_copy(frame)) return;
    panic("exception inside the kernel", &frame);
}

[[gnu::used]] void* tessera_next_context() {
    Cpu& cpu = this_cpu();
    Process& process = cpu.kernel->next();
    cpu.context = &process.context;
    return cpu.context;
}
}

} // namespace tessera::kernel::x86_64
