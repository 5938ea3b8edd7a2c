// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The processor's registers that the kernel uses, and nothing else. Intel SDM volume 3A section 2.5 (control
// registers), volume 4 (model-specific registers), volume 2A CPUID.

#include <array>
#include <cstdint>

namespace tessera::kernel::x86_64 {

enum class Msr : std::uint32_t {
    apic_base = 0x1b,
    deadline = 0x6e0, // of the local APIC's timer
    efer = 0xc000'0080,
    star = 0xc000'0081,
    lstar = 0xc000'0082,
    fmask = 0xc000'0084,
    fs_base = 0xc000'0100,
    gs_base = 0xc000'0101,
    kernel_gs_base = 0xc000'0102,
};

namespace efer {
inline constexpr std::uint64_t syscall_enable = 1u << 0;
inline constexpr std::uint64_t no_execute_enable = 1u << 11;
} // namespace efer

namespace cr0 {
inline constexpr std::uint64_t monitor_coprocessor = 1u << 1;
inline constexpr std::uint64_t emulation = 1u << 2;
inline constexpr std::uint64_t task_switched = 1u << 3;
inline constexpr std::uint64_t write_protect = 1u << 16;
} // namespace cr0

namespace cr4 {
inline constexpr std::uint64_t global_pages = 1u << 7;
inline constexpr std::uint64_t fxsave = 1u << 9;
inline constexpr std::uint64_t simd_exceptions = 1u << 10;
inline constexpr std::uint64_t user_instruction_prevention = 1u << 11;
inline constexpr std::uint64_t process_context_ids = 1u << 17;
inline constexpr std::uint64_t extended_state_saving = 1u << 18;
inline constexpr std::uint64_t supervisor_execution_prevention = 1u << 20;
inline constexpr std::uint64_t supervisor_access_prevention = 1u << 21;
} // namespace cr4

namespace rflags {
inline constexpr std::uint64_t always_one = 1u << 1;
inline constexpr std::uint64_t trap = 1u << 8;
inline constexpr std::uint64_t interrupts = 1u << 9;
inline constexpr std::uint64_t direction = 1u << 10;
inline constexpr std::uint64_t nested_task = 1u << 14;
inline constexpr std::uint64_t alignment_check = 1u << 18;
// Status flags, direction, alignment check and identification: what a program may change as it likes.
inline constexpr std::uint64_t of_programs = 0x24'0cd5;
} // namespace rflags

// Page-fault error code: SDM volume 3A, 4.7.
namespace page_fault {
inline constexpr std::uint64_t write = 1u << 1;
inline constexpr std::uint64_t instruction_fetch = 1u << 4;
} // namespace page_fault

struct CpuidResult {
    std::uint32_t eax = 0, ebx = 0, ecx = 0, edx = 0;
};

inline CpuidResult cpuid(std::uint32_t leaf, std::uint32_t subleaf = 0) {
    CpuidResult r;
    asm volatile("cpuid" : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx) : "a"(leaf), "c"(subleaf));
    return r;
}

inline std::uint64_t read_msr(Msr msr) {
    std::uint32_t low = 0, high = 0;
    asm volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(static_cast<std::uint32_t>(msr)));
    return std::uint64_t{high} << 32 | low;
}

inline void write_msr(Msr msr, std::uint64_t value) {
    asm volatile("wrmsr"
                 :
                 : "c"(static_cast<std::uint32_t>(msr)), "a"(static_cast<std::uint32_t>(value)),
                   "d"(static_cast<std::uint32_t>(value >> 32))
                 : "memory");
}

inline std::uint64_t read_cr0() {
    std::uint64_t value;
    asm volatile("mov %%cr0, %0" : "=r"(value));
    return value;
}
inline void write_cr0(std::uint64_t value) { asm volatile("mov %0, %%cr0" : : "r"(value) : "memory"); }
inline std::uint64_t read_cr2() {
    std::uint64_t value;
    asm volatile("mov %%cr2, %0" : "=r"(value));
    return value;
}
inline std::uint64_t read_cr3() {
    std::uint64_t value;
    asm volatile("mov %%cr3, %0" : "=r"(value));
    return value;
}
inline void write_cr3(std::uint64_t value) { asm volatile("mov %0, %%cr3" : : "r"(value) : "memory"); }
inline std::uint64_t read_cr4() {
    std::uint64_t value;
    asm volatile("mov %%cr4, %0" : "=r"(value));
    return value;
}
inline void write_cr4(std::uint64_t value) { asm volatile("mov %0, %%cr4" : : "r"(value) : "memory"); }
inline void write_xcr0(std::uint32_t value) { asm volatile("xsetbv" : : "c"(0), "a"(value), "d"(0)); }
inline void invalidate_page(std::uint64_t address) { asm volatile("invlpg (%0)" : : "r"(address) : "memory"); }
inline std::uint64_t read_counter() {
    std::uint64_t low = 0, high = 0; // RDTSC clears the upper halves
    asm volatile("rdtsc" : "=a"(low), "=d"(high));
    return high << 32 | low;
}

inline std::uint8_t in8(std::uint16_t port) {
    std::uint8_t value;
    asm volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}
inline std::uint16_t in16(std::uint16_t port) {
    std::uint16_t value;
    asm volatile("inw %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}
inline std::uint32_t in32(std::uint16_t port) {
    std::uint32_t value;
    asm volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}
inline void out8(std::uint16_t port, std::uint8_t value) { asm volatile("outb %0, %1" : : "a"(value), "Nd"(port)); }
inline void out16(std::uint16_t port, std::uint16_t value) { asm volatile("outw %0, %1" : : "a"(value), "Nd"(port)); }
inline void out32(std::uint16_t port, std::uint32_t value) { asm volatile("outl %0, %1" : : "a"(value), "Nd"(port)); }

} // namespace tessera::kernel::x86_64
