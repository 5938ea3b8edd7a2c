// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The ways into the kernel and out of it. They save registers to the running process's context and jump; all else is
// C++.

#include <array>
#include <cstddef>
#include <cstdint>

namespace tessera::kernel {
class Kernel;
struct Process;
} // namespace tessera::kernel

namespace tessera::kernel::x86_64 {

// What an exception or interrupt inside the kernel finds on the stack.
struct KernelFrame {
    std::uint64_t r15, r14, r13, r12, r11, r10, r9, r8, rbp, rdi, rsi, rdx, rcx, rbx, rax;
    std::uint64_t vector, error;
    std::uint64_t rip, cs, rflags, rsp, ss;
};

// Address of the entry stub of an exception or interrupt vector (vectors.S).
std::uint64_t vector_entry(std::size_t vector);

extern "C" {
void tessera_system_call_entry();         // LSTAR
[[noreturn]] void tessera_leave_kernel(); // runs what Kernel::next picks

// In traps.cpp.
void tessera_user_call(Kernel& kernel, Process& caller);
void tessera_user_trap(std::uint64_t vector, std::uint64_t error);
void tessera_kernel_trap(KernelFrame& frame);
void* tessera_next_context();

// Copies words, then bytes. 0, or the address that faulted. A fault between the labels is trapped (traps.cpp).
std::uint64_t tessera_copy(void* to, const void* from, std::uint64_t bytes);
// Writes bytes that are all the same; adds one to a word. The same.
std::uint64_t tessera_fill(void* to, std::uint64_t value, std::uint64_t bytes);
std::uint64_t tessera_count_up(void* word);
extern const char tessera_copy_begin[];
extern const char tessera_copy_end[];
extern const char tessera_copy_faulted[];
}

} // namespace tessera::kernel::x86_64
