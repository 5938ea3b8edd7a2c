// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/arch/x86_64/cpu.h"
#include "kernel/arch/x86_64/address_space.h"
#include "kernel/arch/x86_64/entry.h"
#include "kernel/arch/x86_64/registers.h"
#include "kernel/core/limits.h"

namespace tessera::kernel::x86_64 {

namespace {

constexpr std::uint32_t extended_features_leaf = 7;

bool has(std::uint32_t word, std::uint32_t bit) { return (word >> bit & 1) != 0; }

Features detect() {
    const CpuidResult basic = cpuid(1);
    const CpuidResult extended = cpuid(0).eax >= extended_features_leaf ? cpuid(extended_features_leaf) : CpuidResult{};
    return {.supervisor_execution_prevention = has(extended.ebx, 7),
            .supervisor_access_prevention = has(extended.ebx, 20),
            .process_context_ids = has(basic.ecx, 17),
            .user_instruction_prevention = has(extended.ecx, 2),
            .extended_state_saving = has(basic.ecx, 26),
            .wide_vectors = has(basic.ecx, 28)};
}

// XCR0, and with it what XSAVE keeps: SDM volume 1, 13.3. Eagerly at each switch: state of another process that stays
// in registers can be inferred by speculation.
std::uint32_t enable_extended_state(const Features& features) {
    if (!features.extended_state_saving) return 0;
    constexpr std::uint32_t x87 = 1u << 0, sse = 1u << 1, avx = 1u << 2;
    const std::uint32_t parts = x87 | sse | (features.wide_vectors ? avx : 0);
    write_xcr0(parts);
    return parts;
}

void enable(const Features& features) {
    write_cr0((read_cr0() | cr0::write_protect | cr0::monitor_coprocessor) & ~(cr0::emulation | cr0::task_switched));
    std::uint64_t control = read_cr4() | cr4::global_pages | cr4::fxsave | cr4::simd_exceptions;
    if (features.supervisor_execution_prevention) control |= cr4::supervisor_execution_prevention;
    if (features.supervisor_access_prevention) control |= cr4::supervisor_access_prevention;
    if (features.process_context_ids) control |= cr4::process_context_ids;
    if (features.user_instruction_prevention) control |= cr4::user_instruction_prevention;
    if (features.extended_state_saving) control |= cr4::extended_state_saving;
    write_cr4(control);
}

void prepare_system_calls() {
    // SYSRET takes user data from STAR[63:48] + 8 and user code from + 16.
    const std::uint64_t user_base = static_cast<std::uint64_t>(Selector::user_data) - 8;
    write_msr(Msr::star, user_base << 48 | static_cast<std::uint64_t>(Selector::kernel_code) << 32);
    write_msr(Msr::lstar, reinterpret_cast<std::uint64_t>(&tessera_system_call_entry));
    write_msr(Msr::fmask,
              rflags::trap | rflags::interrupts | rflags::direction | rflags::nested_task | rflags::alignment_check);
    write_msr(Msr::efer, read_msr(Msr::efer) | efer::syscall_enable | efer::no_execute_enable);
}

} // namespace

void initialise(Cpu& cpu) {
    cpu.self = &cpu;
    cpu.features = detect();
    enable(cpu.features);
    cpu.extended_state = enable_extended_state(cpu.features);
    map_stacks();
    cpu.kernel_stack = fixed_address(FixedPage::stack) + kernel_stack_bytes;
    cpu.descriptors.load(cpu.kernel_stack, fixed_address(FixedPage::double_fault_stack) + page_bytes);
    write_msr(Msr::gs_base, reinterpret_cast<std::uint64_t>(&cpu)); // loading the selectors cleared it
    write_msr(Msr::kernel_gs_base, 0);
    prepare_system_calls();
    cpu.counter_rate = find_counter_rate();
}

} // namespace tessera::kernel::x86_64
