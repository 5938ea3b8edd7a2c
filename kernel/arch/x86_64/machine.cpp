// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/arch/contract/machine.h"
#include "kernel/abi/calls/devices.h"
#include "kernel/abi/calls/information.h"
#include "kernel/arch/x86_64/cpu.h"
#include "kernel/arch/x86_64/registers.h"
#include <cstring>

namespace tessera::kernel {

using namespace x86_64;
using kernel_calls::IoWidth;
using kernel_calls::MachineFeature;

Ticks arch::counter() { return {read_counter()}; }
std::uint64_t arch::counter_rate() { return this_cpu().counter_rate; }

// STI lets interrupts in only after the next instruction: none can slip in between and be slept over.
void arch::wait_for_interrupt() { asm volatile("sti\n hlt\n cli" : : : "memory"); }

std::uint64_t arch::read_port(IoPort port, IoWidth width) {
    switch (width) {
    case IoWidth::byte:
        return in8(port.value);
    case IoWidth::word:
        return in16(port.value);
    case IoWidth::double_word:
        return in32(port.value);
    }
    return 0;
}

void arch::write_port(IoPort port, IoWidth width, std::uint64_t value) {
    switch (width) {
    case IoWidth::byte:
        return out8(port.value, static_cast<std::uint8_t>(value));
    case IoWidth::word:
        return out16(port.value, static_cast<std::uint16_t>(value));
    case IoWidth::double_word:
        return out32(port.value, static_cast<std::uint32_t>(value));
    }
}

void arch::describe(kernel_calls::MachineInformation& information) {
    constexpr std::uint32_t brand_first = 0x8000'0002, brand_last = 0x8000'0004;
    std::size_t offset = 0;
    for (std::uint32_t leaf = brand_first; leaf <= brand_last; ++leaf) {
        const CpuidResult part = cpuid(leaf);
        std::memcpy(information.processor.data() + offset, &part, sizeof(part));
        offset += sizeof(part);
    }
    const auto feature = [&](MachineFeature which, bool present) {
        information.feature_bits |= std::uint64_t{present} << static_cast<unsigned>(which);
    };
    const Features& features = this_cpu().features;
    feature(MachineFeature::nx, true);
    feature(MachineFeature::global_pages, true);
    feature(MachineFeature::smep, features.supervisor_execution_prevention);
    feature(MachineFeature::smap, features.supervisor_access_prevention);
    feature(MachineFeature::pcid, features.process_context_ids);
    feature(MachineFeature::xsave, features.extended_state_saving);
}

// Bochs ends on this word at its "unmapped" device; QEMU's and many chipsets' PIIX4 power management is at the two
// addresses that their firmware uses. A machine that knows neither stays halted and says so.
void arch::power_off() {
    console_write("the machine is off\n");
    constexpr std::uint16_t bochs_port = 0x8900, sleep_enable_s5 = 0x2000;
    for (const char character : std::string_view{"Shutdown"}) out8(bochs_port, static_cast<std::uint8_t>(character));
    for (const std::uint16_t port : {0x604, 0xb004}) out16(port, sleep_enable_s5);
    console_write("it can be switched off now\n");
    halt();
}

void arch::reboot() {
    console_write("the machine restarts\n");
    constexpr std::uint16_t reset_control = 0xcf9, keyboard_command = 0x64;
    out8(reset_control, 0x06);
    out8(keyboard_command, 0xfe);
    halt();
}

void arch::halt() {
    for (;;) asm volatile("cli\n hlt");
}

} // namespace tessera::kernel
