// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/arch/contract/context.h"
#include "kernel/arch/x86_64/cpu.h"
#include "kernel/arch/x86_64/registers.h"

namespace tessera::kernel {

using namespace x86_64;

arch::UserContext arch::initial_context(VirtualAddress entry, VirtualAddress stack) {
    UserContext context;
    context.instruction_pointer = entry.value;
    context.stack_pointer = stack.value;
    context.flags = rflags::always_one | rflags::interrupts;
    return context;
}

// FXSAVE area: SDM volume 1, table 10-2. x87 control word with all exceptions masked; the same for MXCSR. The header of
// XSAVE says that nothing else is in it: XRSTOR then initialises those registers.
arch::ExtendedState arch::initial_extended_state() {
    constexpr std::uint16_t x87_control = 0x037f;
    constexpr std::uint32_t simd_control = 0x1f80;
    constexpr std::size_t x87_control_offset = 0, simd_control_offset = 24;
    ExtendedState state;
    std::memcpy(&state.bytes[x87_control_offset], &x87_control, sizeof(x87_control));
    std::memcpy(&state.bytes[simd_control_offset], &simd_control, sizeof(simd_control));
    return state;
}

void arch::exchange_extended_state(ExtendedState* saved, const ExtendedState& loaded) {
    const std::uint32_t parts = this_cpu().extended_state;
    if (parts != 0) [[likely]] {
        if (saved != nullptr) asm volatile("xsave64 %0" : "+m"(*saved) : "a"(parts), "d"(0));
        asm volatile("xrstor64 %0" : : "m"(loaded), "a"(parts), "d"(0));
    } else {
        if (saved != nullptr) asm volatile("fxsave64 %0" : "=m"(*saved));
        asm volatile("fxrstor64 %0" : : "m"(loaded));
    }
}

void arch::load_thread_pointer(VirtualAddress address) { write_msr(Msr::fs_base, address.value); }

} // namespace tessera::kernel
