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

void arch::save_extended_state(ExtendedState& saved) {
    const std::uint32_t parts = this_cpu().extended_state;
    if (parts != 0) [[likely]] {
        asm volatile("xsave64 %0" : "+m"(saved) : "a"(parts), "d"(0));
    } else {
        asm volatile("fxsave64 %0" : "=m"(saved));
    }
}

std::uint64_t arch::permitted_flags(std::uint64_t flags) {
    return (flags & rflags::of_programs) | rflags::always_one | rflags::interrupts;
}

// What FXRSTOR and XRSTOR refuse with an exception: SDM volume 1, 10.5.1.2 and 13.8.1.
void arch::sanitise(ExtendedState& state) {
    constexpr std::size_t simd_control_offset = 24, simd_mask_offset = 28, header_offset = 512, header_bytes = 64;
    alignas(16) std::array<std::byte, header_offset> own{};
    asm volatile("fxsave64 %0" : "=m"(own));
    std::uint32_t simd_control = 0, simd_mask = 0;
    std::memcpy(&simd_control, &state.bytes[simd_control_offset], sizeof(simd_control));
    std::memcpy(&simd_mask, &own[simd_mask_offset], sizeof(simd_mask));
    if (simd_mask == 0) simd_mask = 0xffbf; // SDM volume 1, 11.6.6
    simd_control &= simd_mask;
    std::memcpy(&state.bytes[simd_control_offset], &simd_control, sizeof(simd_control));

    std::uint64_t parts = 0;
    std::memcpy(&parts, &state.bytes[header_offset], sizeof(parts));
    parts &= this_cpu().extended_state;
    std::memset(&state.bytes[header_offset], 0, header_bytes);
    std::memcpy(&state.bytes[header_offset], &parts, sizeof(parts));
}

void arch::load_thread_pointer(VirtualAddress address) { write_msr(Msr::fs_base, address.value); }

} // namespace tessera::kernel
