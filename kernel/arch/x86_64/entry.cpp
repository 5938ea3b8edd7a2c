// SPDX-License-Identifier: BSD-3-Clause
// Naked functions: the only code that runs on user registers. Offsets come from the structures themselves.

#include "kernel/arch/x86_64/entry.h"
#include "kernel/arch/x86_64/cpu.h"

namespace tessera::kernel::x86_64 {

using arch::UserContext;

namespace {

constexpr std::size_t word(std::size_t index) { return offsetof(UserContext, message) + index * sizeof(std::uint64_t); }
constexpr std::size_t other(std::size_t index) { return offsetof(UserContext, others) + index * sizeof(std::uint64_t); }

} // namespace

// Operands that every entry and exit needs: where each register lives in the context and in the Cpu.
#define TESSERA_CONTEXT_OPERANDS                                                                                       \
    [rax] "i"(offsetof(UserContext, operation)), [rdi] "i"(offsetof(UserContext, peer)), [rsi] "i"(word(0)),           \
        [rdx] "i"(word(1)), [r8] "i"(word(2)), [r9] "i"(word(3)), [r10] "i"(word(4)), [r12] "i"(word(5)),              \
        [r13] "i"(word(6)), [r14] "i"(word(7)), [rbx] "i"(other(0)), [rbp] "i"(other(1)), [r15] "i"(other(2)),         \
        [rcx] "i"(other(3)), [r11] "i"(other(4)), [rip] "i"(offsetof(UserContext, instruction_pointer)),               \
        [flags] "i"(offsetof(UserContext, flags)), [rsp] "i"(offsetof(UserContext, stack_pointer)),                    \
        [entry] "i"(offsetof(UserContext, entry)), [cpu_context] "i"(offsetof(Cpu, context)),                          \
        [cpu_stack] "i"(offsetof(Cpu, kernel_stack)), [cpu_scratch] "i"(offsetof(Cpu, scratch)),                       \
        [by_call] "i"(arch::EntryKind::call), [by_interrupt] "i"(arch::EntryKind::interrupt),                          \
        [user_code] "i"(Selector::user_code), [user_data] "i"(Selector::user_data)

extern "C" {

// SYSCALL: rcx = return address, r11 = flags; interrupts are off (FMASK).
[[gnu::naked]] void tessera_system_call_entry() {
    asm volatile("swapgs\n"
                 "movq %%rsp, %%gs:%c[cpu_scratch]\n"
                 "movq %%gs:%c[cpu_context], %%rsp\n"
                 "movq %%rax, %c[rax](%%rsp)\n"
                 "movq %%rdi, %c[rdi](%%rsp)\n"
                 "movq %%rsi, %c[rsi](%%rsp)\n"
                 "movq %%rdx, %c[rdx](%%rsp)\n"
                 "movq %%r8, %c[r8](%%rsp)\n"
                 "movq %%r9, %c[r9](%%rsp)\n"
                 "movq %%r10, %c[r10](%%rsp)\n"
                 "movq %%r12, %c[r12](%%rsp)\n"
                 "movq %%r13, %c[r13](%%rsp)\n"
                 "movq %%r14, %c[r14](%%rsp)\n"
                 "movq %%rbx, %c[rbx](%%rsp)\n"
                 "movq %%rbp, %c[rbp](%%rsp)\n"
                 "movq %%r15, %c[r15](%%rsp)\n"
                 "movq %%rcx, %c[rip](%%rsp)\n"
                 "movq %%r11, %c[flags](%%rsp)\n"
                 "movq %%gs:%c[cpu_scratch], %%rax\n"
                 "movq %%rax, %c[rsp](%%rsp)\n"
                 "movq %[by_call], %c[entry](%%rsp)\n"
                 "movq %%gs:%c[cpu_stack], %%rsp\n"
                 "xorl %%ebp, %%ebp\n"
                 "call tessera_user_call\n"
                 "jmp tessera_leave_kernel\n"
                 :
                 : TESSERA_CONTEXT_OPERANDS);
}

// All vectors: on the stack are vector, error code, and what the processor pushed.
[[gnu::naked, gnu::used]] void tessera_interrupt_entry() {
    asm volatile(
        "testb $3, 24(%%rsp)\n"
        "jz 1f\n"
        "swapgs\n"
        "pushq %%rdi\n"
        "movq %%gs:%c[cpu_context], %%rdi\n"
        "movq %%rax, %c[rax](%%rdi)\n"
        "popq %%rax\n"
        "movq %%rax, %c[rdi](%%rdi)\n"
        "movq %%rsi, %c[rsi](%%rdi)\n"
        "movq %%rdx, %c[rdx](%%rdi)\n"
        "movq %%r8, %c[r8](%%rdi)\n"
        "movq %%r9, %c[r9](%%rdi)\n"
        "movq %%r10, %c[r10](%%rdi)\n"
        "movq %%r12, %c[r12](%%rdi)\n"
        "movq %%r13, %c[r13](%%rdi)\n"
        "movq %%r14, %c[r14](%%rdi)\n"
        "movq %%rbx, %c[rbx](%%rdi)\n"
        "movq %%rbp, %c[rbp](%%rdi)\n"
        "movq %%r15, %c[r15](%%rdi)\n"
        "movq %%rcx, %c[rcx](%%rdi)\n"
        "movq %%r11, %c[r11](%%rdi)\n"
        "movq 16(%%rsp), %%rax\n"
        "movq %%rax, %c[rip](%%rdi)\n"
        "movq 32(%%rsp), %%rax\n"
        "movq %%rax, %c[flags](%%rdi)\n"
        "movq 40(%%rsp), %%rax\n"
        "movq %%rax, %c[rsp](%%rdi)\n"
        "movq %[by_interrupt], %c[entry](%%rdi)\n"
        "movq (%%rsp), %%rdi\n"
        "movq 8(%%rsp), %%rsi\n"
        "movq %%gs:%c[cpu_stack], %%rsp\n"
        "cld\n"
        "xorl %%ebp, %%ebp\n"
        "call tessera_user_trap\n"
        "jmp tessera_leave_kernel\n"
        // Inside the kernel: idle, a window copy, or a defect. Only the first two return.
        "1:\n"
        "pushq %%rax\n pushq %%rbx\n pushq %%rcx\n pushq %%rdx\n pushq %%rsi\n pushq %%rdi\n pushq %%rbp\n"
        "pushq %%r8\n pushq %%r9\n pushq %%r10\n pushq %%r11\n pushq %%r12\n pushq %%r13\n pushq %%r14\n pushq %%r15\n"
        "movq %%rsp, %%rdi\n"
        "movq %%rsp, %%rbx\n"
        "andq $-16, %%rsp\n"
        "cld\n"
        "call tessera_kernel_trap\n"
        "movq %%rbx, %%rsp\n"
        "popq %%r15\n popq %%r14\n popq %%r13\n popq %%r12\n popq %%r11\n popq %%r10\n popq %%r9\n popq %%r8\n"
        "popq %%rbp\n popq %%rdi\n popq %%rsi\n popq %%rdx\n popq %%rcx\n popq %%rbx\n popq %%rax\n"
        "addq $16, %%rsp\n"
        "iretq\n"
        :
        : TESSERA_CONTEXT_OPERANDS);
}

// SYSRET is safe: user space ends at 512 GiB, so that a return address from SYSCALL is always canonical.
[[gnu::naked]] void tessera_leave_kernel() {
    asm volatile("call tessera_next_context\n"
                 "cmpq %[by_call], %c[entry](%%rax)\n"
                 "jne 1f\n"
                 "movq %%rax, %%rsp\n"
                 "movq %c[rip](%%rsp), %%rcx\n"
                 "movq %c[flags](%%rsp), %%r11\n"
                 "movq %c[rax](%%rsp), %%rax\n"
                 "movq %c[rdi](%%rsp), %%rdi\n"
                 "movq %c[rsi](%%rsp), %%rsi\n"
                 "movq %c[rdx](%%rsp), %%rdx\n"
                 "movq %c[r8](%%rsp), %%r8\n"
                 "movq %c[r9](%%rsp), %%r9\n"
                 "movq %c[r10](%%rsp), %%r10\n"
                 "movq %c[r12](%%rsp), %%r12\n"
                 "movq %c[r13](%%rsp), %%r13\n"
                 "movq %c[r14](%%rsp), %%r14\n"
                 "movq %c[rbx](%%rsp), %%rbx\n"
                 "movq %c[rbp](%%rsp), %%rbp\n"
                 "movq %c[r15](%%rsp), %%r15\n"
                 "movq %c[rsp](%%rsp), %%rsp\n"
                 "swapgs\n"
                 "sysretq\n"
                 "1:\n"
                 "movq %%gs:%c[cpu_stack], %%rsp\n"
                 "pushq %[user_data]\n"
                 "pushq %c[rsp](%%rax)\n"
                 "pushq %c[flags](%%rax)\n"
                 "pushq %[user_code]\n"
                 "pushq %c[rip](%%rax)\n"
                 "movq %c[rdi](%%rax), %%rdi\n"
                 "movq %c[rsi](%%rax), %%rsi\n"
                 "movq %c[rdx](%%rax), %%rdx\n"
                 "movq %c[r8](%%rax), %%r8\n"
                 "movq %c[r9](%%rax), %%r9\n"
                 "movq %c[r10](%%rax), %%r10\n"
                 "movq %c[r12](%%rax), %%r12\n"
                 "movq %c[r13](%%rax), %%r13\n"
                 "movq %c[r14](%%rax), %%r14\n"
                 "movq %c[rbx](%%rax), %%rbx\n"
                 "movq %c[rbp](%%rax), %%rbp\n"
                 "movq %c[r15](%%rax), %%r15\n"
                 "movq %c[rcx](%%rax), %%rcx\n"
                 "movq %c[r11](%%rax), %%r11\n"
                 "movq %c[rax](%%rax), %%rax\n"
                 "swapgs\n"
                 "iretq\n"
                 :
                 : TESSERA_CONTEXT_OPERANDS);
}

[[gnu::naked]] std::uint64_t tessera_copy(void*, const void*, std::uint64_t) {
    asm volatile(".global tessera_copy_begin, tessera_copy_end, tessera_copy_faulted\n"
                 "tessera_copy_begin:\n"
                 "movq %rdx, %rcx\n"
                 "shrq $3, %rcx\n"
                 "rep movsq\n"
                 "movl %edx, %ecx\n"
                 "andl $7, %ecx\n"
                 "rep movsb\n"
                 "tessera_copy_end:\n"
                 "xorl %eax, %eax\n"
                 "tessera_copy_faulted:\n" // rax = the address that faulted, set by the trap
                 "retq\n");
}
}

} // namespace tessera::kernel::x86_64
