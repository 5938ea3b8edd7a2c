// SPDX-License-Identifier: BSD-3-Clause
// Naked functions: the only code that runs on user registers. Offsets come from the structures themselves.

#include "kernel/arch/x86_64/entry.h"
#include "kernel/arch/x86_64/cpu.h"
#include "kernel/arch/x86_64/registers.h"
#include "kernel/core/kernel.h"

namespace tessera::kernel::x86_64 {

using arch::UserContext;

namespace {

constexpr std::size_t word(std::size_t index) { return offsetof(UserContext, message) + index * sizeof(std::uint64_t); }
constexpr std::size_t other(std::size_t index) { return offsetof(UserContext, others) + index * sizeof(std::uint64_t); }

} // namespace

// Kernel and Scheduler are no standard-layout classes; clang lays them out like any other.
#pragma clang diagnostic ignored "-Winvalid-offsetof"

// Where the message path finds the parts of the kernel, from a pointer to it.
struct MessagePathLayout {
    static constexpr std::size_t processes = offsetof(Kernel, processes);
    static constexpr std::size_t loaded = offsetof(Kernel, loaded_);
    static constexpr std::size_t since = offsetof(Kernel, since_);
    static constexpr std::size_t running = offsetof(Kernel, scheduler) + offsetof(Scheduler, running_);
    static constexpr std::size_t occupied = offsetof(Kernel, scheduler) + offsetof(Scheduler, occupied_);
    static constexpr std::size_t messages = offsetof(Kernel, counters) + offsetof(KernelCounters, messages);
    static constexpr std::size_t switches = offsetof(Kernel, counters) + offsetof(KernelCounters, context_switches);
    static constexpr std::size_t loads = offsetof(Kernel, counters) + offsetof(KernelCounters, address_space_loads);
};
static_assert(offsetof(Process, context) == 0);
static_assert(sizeof(ProcessTable) == process_limit * sizeof(Process) + alignof(Process)); // the processes come first
static_assert(offsetof(Process, attention) == offsetof(Process, blockers) + 4);            // compared together

// Operands that every entry and exit needs: where each register lives in the context and in the Cpu.
#define TESSERA_CONTEXT_OPERANDS                                                                                       \
    [rax] "i"(offsetof(UserContext, operation)), [rdi] "i"(offsetof(UserContext, peer)), [rsi] "i"(word(0)),           \
        [rdx] "i"(word(1)), [r8] "i"(word(2)), [r9] "i"(word(3)), [r10] "i"(word(4)), [r12] "i"(word(5)),              \
        [r13] "i"(word(6)), [r14] "i"(word(7)), [rbx] "i"(other(0)), [rbp] "i"(other(1)), [r15] "i"(other(2)),         \
        [rcx] "i"(other(3)), [r11] "i"(other(4)), [rip] "i"(offsetof(UserContext, instruction_pointer)),               \
        [flags] "i"(offsetof(UserContext, flags)), [rsp] "i"(offsetof(UserContext, stack_pointer)),                    \
        [entry] "i"(offsetof(UserContext, entry)), [cpu_context] "i"(offsetof(Cpu, context)),                          \
        [cpu_stack] "i"(offsetof(Cpu, kernel_stack)), [cpu_scratch] "i"(offsetof(Cpu, scratch)),                       \
        [cpu_kernel] "i"(offsetof(Cpu, kernel)), [cpu_extended] "i"(offsetof(Cpu, extended_state)),                    \
        [by_call] "i"(arch::EntryKind::call), [by_interrupt] "i"(arch::EntryKind::interrupt),                          \
        [user_code] "i"(Selector::user_code), [user_data] "i"(Selector::user_data),                                    \
        [blockers] "i"(offsetof(Process, blockers)), [more_urgent] "i"(offsetof(Process, more_urgent)),                \
        [running] "i"(MessagePathLayout::running), [occupied] "i"(MessagePathLayout::occupied)

// What the direct message path needs besides: docs/kernel.md, "The direct path".
#define TESSERA_MESSAGE_OPERANDS                                                                                       \
    [send_receive] "i"(Primitive::send_receive), [reply_receive] "i"(Primitive::reply_receive),                        \
        [may_send_receive] "i"(1u << static_cast<unsigned>(Primitive::send_receive)),                                  \
        [may_reply_receive] "i"(1u << static_cast<unsigned>(Primitive::reply_receive)),                                \
        [slot_mask] "i"((1u << Endpoint::slot_bits) - 1), [slots] "i"(process_limit),                                  \
        [process_bytes] "i"(sizeof(Process)), [processes] "i"(MessagePathLayout::processes),                           \
        [loaded] "i"(MessagePathLayout::loaded), [since] "i"(MessagePathLayout::since),                                \
        [messages] "i"(MessagePathLayout::messages), [switches] "i"(MessagePathLayout::switches),                      \
        [loads] "i"(MessagePathLayout::loads), [attention] "i"(offsetof(Process, attention)),                          \
        [endpoint] "i"(offsetof(Process, endpoint)), [receive_from] "i"(offsetof(Process, receive_from)),              \
        [awaits_reply] "i"(offsetof(Process, awaits_reply)),                                                           \
        [service] "i"(offsetof(Process, privileges) + offsetof(Privileges, service)),                                  \
        [send_mask] "i"(offsetof(Process, privileges) + offsetof(Privileges, send_mask)),                              \
        [primitives] "i"(offsetof(Process, privileges) + offsetof(Privileges, primitive_mask)),                        \
        [sent] "i"(offsetof(Process, messages_sent)), [time] "i"(offsetof(Process, processor_time)),                   \
        [extended] "i"(offsetof(Process, extended)), [thread] "i"(offsetof(UserContext, thread_pointer)),              \
        [space] "i"(offsetof(UserContext, space)), [receiving] "i"(Blocker::receiving),                                \
        [any] "i"(static_cast<std::int32_t>(endpoints::any.value())),                                                  \
        [none] "i"(static_cast<std::int32_t>(endpoints::none.value())), [fs_base] "i"(Msr::fs_base)

extern "C" {

// SYSCALL: rcx = return address, r11 = flags; interrupts are off (FMASK). Until a path is chosen, rsp points to the
// context of the caller, which is its Process; the message stays in its registers.
[[gnu::naked, gnu::used]] void tessera_system_call_entry() {
    asm volatile("swapgs\n"
                 "movq %%rsp, %%gs:%c[cpu_scratch]\n"
                 "movq %%gs:%c[cpu_context], %%rsp\n"
                 "movq %%rcx, %c[rip](%%rsp)\n"
                 "movq %%r11, %c[flags](%%rsp)\n"
                 "movq %%gs:%c[cpu_scratch], %%rcx\n"
                 "movq %%rcx, %c[rsp](%%rsp)\n"
                 "movq %%rbx, %c[rbx](%%rsp)\n"
                 "movq %%rbp, %c[rbp](%%rsp)\n"
                 "movq %%r15, %c[r15](%%rsp)\n"
                 "testb %%al, %%al\n" // a kernel call
                 "jz tessera_full_call\n"
                 "cmpl %[send_receive], %%eax\n"
                 "je tessera_direct_path\n"
                 "cmpl %[reply_receive], %%eax\n"
                 "je tessera_direct_path\n"
                 "jmp tessera_full_call\n"
                 :
                 : TESSERA_CONTEXT_OPERANDS, TESSERA_MESSAGE_OPERANDS);
}

static_assert(static_cast<unsigned>(Primitive::kernel_call) == 0);

// The whole context is saved; C++ does the rest. Back to the same process by SYSRET if it goes on; else whom
// Kernel::next chooses. SYSRET is safe: user space ends at 512 GiB, so that a return address from SYSCALL is always
// canonical.
[[gnu::naked, gnu::used]] void tessera_full_call() {
    asm volatile("movq %%rax, %c[rax](%%rsp)\n"
                 "movq %%rdi, %c[rdi](%%rsp)\n"
                 "movq %%rsi, %c[rsi](%%rsp)\n"
                 "movq %%rdx, %c[rdx](%%rsp)\n"
                 "movq %%r8, %c[r8](%%rsp)\n"
                 "movq %%r9, %c[r9](%%rsp)\n"
                 "movq %%r10, %c[r10](%%rsp)\n"
                 "movq %%r12, %c[r12](%%rsp)\n"
                 "movq %%r13, %c[r13](%%rsp)\n"
                 "movq %%r14, %c[r14](%%rsp)\n"
                 "movq %%rsp, %%rbx\n"
                 "movq %%rsp, %%rsi\n"
                 "movq %%gs:%c[cpu_kernel], %%rdi\n"
                 "movq %%gs:%c[cpu_stack], %%rsp\n"
                 "call tessera_user_call\n"
                 "cmpq $0, %c[blockers](%%rbx)\n"
                 "jne tessera_leave_kernel\n"
                 "movq %%gs:%c[cpu_kernel], %%rcx\n"
                 "cmpq %%rbx, %c[running](%%rcx)\n"
                 "jne tessera_leave_kernel\n"
                 "movl %c[more_urgent](%%rbx), %%eax\n"
                 "testl %%eax, %c[occupied](%%rcx)\n"
                 "jnz tessera_leave_kernel\n"
                 "movq %%rbx, %%rsp\n"
                 ".global tessera_return_from_call\n"
                 "tessera_return_from_call:\n" // to the context in rsp; C++ has kept rbp
                 "movq %c[r15](%%rsp), %%r15\n"
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
                 "movq %c[rsp](%%rsp), %%rsp\n"
                 "swapgs\n"
                 "sysretq\n"
                 :
                 : TESSERA_CONTEXT_OPERANDS);
}

// The direct path: a message to a process that waits for it, which then runs, with the message still in the registers.
// Whatever is not plain goes the full way, with nothing changed. rsp = caller, rbx = receiver, r15 = Kernel; rcx, rbp
// and r11 are free.
[[gnu::naked, gnu::used]] void tessera_direct_path() {
    asm volatile("movq %%gs:%c[cpu_kernel], %%r15\n"
                 "movl %%edi, %%ebx\n"
                 "andl %[slot_mask], %%ebx\n"
                 "cmpl %[slots], %%ebx\n"
                 "jae tessera_full_call\n"
                 "imulq %[process_bytes], %%rbx, %%rbx\n"
                 "leaq %c[processes](%%r15,%%rbx), %%rbx\n"
                 "cmpl %%edi, %c[endpoint](%%rbx)\n"
                 "jne tessera_full_call\n"
                 "cmpq %[receiving], %c[blockers](%%rbx)\n" // waits for a message only, and needs nothing
                 "jne tessera_full_call\n"
                 "movl %c[more_urgent](%%rbx), %%ecx\n"
                 "testl %%ecx, %c[occupied](%%r15)\n"
                 "jnz tessera_full_call\n"
                 "movl %c[receive_from](%%rbx), %%ecx\n"
                 "cmpl %[send_receive], %%eax\n"
                 "jne tessera_direct_answer\n"
                 // A request: the receiver takes it, and the caller may start a conversation with it.
                 "cmpl %[any], %%ecx\n"
                 "je 1f\n"
                 "cmpl %%ecx, %c[endpoint](%%rsp)\n"
                 "jne tessera_full_call\n"
                 "1:\n"
                 "movzbl %c[service](%%rbx), %%ecx\n"
                 "movq %c[send_mask](%%rsp), %%r11\n"
                 "btq %%rcx, %%r11\n"
                 "jnc tessera_full_call\n"
                 "testb %[may_send_receive], %c[primitives](%%rsp)\n"
                 "jz tessera_full_call\n"
                 "movl %%edi, %c[receive_from](%%rsp)\n"
                 "movb $1, %c[awaits_reply](%%rsp)\n"
                 "jmp tessera_hand_over\n"
                 "tessera_direct_answer:\n" // to a client that waits for just that; the caller has nothing to receive
                 "cmpl %%ecx, %c[endpoint](%%rsp)\n"
                 "jne tessera_full_call\n"
                 "cmpb $0, %c[awaits_reply](%%rbx)\n"
                 "je tessera_full_call\n"
                 "cmpl $0, %c[attention](%%rsp)\n"
                 "jne tessera_full_call\n"
                 "testb %[may_reply_receive], %c[primitives](%%rsp)\n"
                 "jz tessera_full_call\n"
                 "movl %[any], %c[receive_from](%%rsp)\n"
                 "movb $0, %c[awaits_reply](%%rsp)\n"
                 "jmp tessera_hand_over\n"
                 :
                 : TESSERA_CONTEXT_OPERANDS, TESSERA_MESSAGE_OPERANDS);
}

// The caller (rsp) waits, the receiver (rbx) runs: what Messages::deliver, Scheduler::choose and Kernel::switch_to do.
[[gnu::naked, gnu::used]] void tessera_hand_over() {
    asm volatile("movl %[receiving], %c[blockers](%%rsp)\n"
                 "movl $0, %c[blockers](%%rbx)\n"
                 "movl %[none], %c[receive_from](%%rbx)\n"
                 "movb $0, %c[awaits_reply](%%rbx)\n"
                 "movl %c[endpoint](%%rsp), %%edi\n"
                 "incq %c[sent](%%rsp)\n"
                 "incq %c[messages](%%r15)\n"
                 "incq %c[switches](%%r15)\n"
                 "incq %c[loads](%%r15)\n"
                 "movq %%rbx, %c[running](%%r15)\n"
                 "movq %%rbx, %c[loaded](%%r15)\n"
                 "movq %%rbx, %%gs:%c[cpu_context]\n"
                 "movq %%rdx, %%r11\n"
                 "xorl %%edx, %%edx\n"
                 "movl %%gs:%c[cpu_extended], %%eax\n"
                 "testl %%eax, %%eax\n"
                 "jz 1f\n"
                 "xsave64 %c[extended](%%rsp)\n"
                 "xrstor64 %c[extended](%%rbx)\n"
                 "jmp 2f\n"
                 "1:\n"
                 "fxsave64 %c[extended](%%rsp)\n"
                 "fxrstor64 %c[extended](%%rbx)\n"
                 "2:\n"
                 "rdtsc\n"
                 "shlq $32, %%rdx\n"
                 "orq %%rdx, %%rax\n"
                 "movq %%rax, %%rcx\n"
                 "subq %c[since](%%r15), %%rcx\n"
                 "addq %%rcx, %c[time](%%rsp)\n"
                 "movq %%rax, %c[since](%%r15)\n"
                 "movl %[fs_base], %%ecx\n"
                 "movl %c[thread](%%rbx), %%eax\n"
                 "movl 4+%c[thread](%%rbx), %%edx\n"
                 "wrmsr\n"
                 "movq %%r11, %%rdx\n"
                 "movq %c[space](%%rbx), %%rcx\n"
                 "movq %%rcx, %%cr3\n"
                 "movq %%rbx, %%rsp\n"
                 "movq %c[rip](%%rsp), %%rcx\n"
                 "movq %c[flags](%%rsp), %%r11\n"
                 "movq %c[rbx](%%rsp), %%rbx\n"
                 "movq %c[rbp](%%rsp), %%rbp\n"
                 "movq %c[r15](%%rsp), %%r15\n"
                 "xorl %%eax, %%eax\n" // MessageKind::message
                 "movq %c[rsp](%%rsp), %%rsp\n"
                 "swapgs\n"
                 "sysretq\n"
                 :
                 : TESSERA_CONTEXT_OPERANDS, TESSERA_MESSAGE_OPERANDS);
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

// A context that entered by an interrupt gets every register back; after that, its next entry may be a call.
[[gnu::naked, gnu::used]] void tessera_leave_kernel() {
    asm volatile("call tessera_next_context\n"
                 "cmpq %[by_call], %c[entry](%%rax)\n"
                 "jne 1f\n"
                 "movq %%rax, %%rsp\n"
                 "movq %c[rbp](%%rsp), %%rbp\n"
                 "jmp tessera_return_from_call\n"
                 "1:\n"
                 "movq %[by_call], %c[entry](%%rax)\n"
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

[[gnu::naked, gnu::used]] std::uint64_t tessera_copy(void*, const void*, std::uint64_t) {
    asm volatile(".global tessera_copy_begin, tessera_copy_end, tessera_copy_faulted\n"
                 "tessera_copy_begin:\n"
                 "movq %rdx, %rcx\n"
                 "shrq $3, %rcx\n"
                 "rep movsq\n"
                 "movl %edx, %ecx\n"
                 "andl $7, %ecx\n"
                 "rep movsb\n"
                 "xorl %eax, %eax\n"
                 "retq\n"
                 ".global tessera_fill\n"
                 "tessera_fill:\n"
                 "movl %esi, %eax\n"
                 "movq %rdx, %rcx\n"
                 "rep stosb\n"
                 "xorl %eax, %eax\n"
                 "retq\n"
                 ".global tessera_count_up\n"
                 "tessera_count_up:\n"
                 "incq (%rdi)\n"
                 "tessera_copy_end:\n"
                 "xorl %eax, %eax\n"
                 "tessera_copy_faulted:\n" // rax = the address that faulted, set by the trap
                 "retq\n");
}
}

} // namespace tessera::kernel::x86_64
