// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/arch/x86_64/local_apic.h"
#include "kernel/arch/x86_64/address_space.h"
#include "kernel/arch/x86_64/descriptors.h"
#include "kernel/arch/x86_64/registers.h"

namespace tessera::kernel::x86_64::local_apic {

namespace {

// Offsets: table 11-1.
enum class Register : std::uint64_t {
    id = 0x20,
    task_priority = 0x80,
    end_of_interrupt = 0xb0,
    spurious_vector = 0xf0,
    local_timer = 0x320,
    thermal_monitor = 0x330,
    performance_counter = 0x340,
    local_pin0 = 0x350,
    local_error = 0x370,
    initial_count = 0x380,
    current_count = 0x390,
    divide_configuration = 0x3e0,
};

constexpr std::uint32_t masked = 1u << 16;            // of a local vector: figure 11-8
constexpr std::uint32_t external_interrupt = 7u << 8; // delivery mode: the vector is the 8259's
constexpr std::uint32_t software_enabled = 1u << 8;   // figure 11-23
constexpr std::uint32_t divide_by_1 = 0xb;            // figure 11-10

constexpr std::uint64_t globally_enabled = 1u << 11, x2apic_mode = 1u << 10; // of Msr::apic_base: figure 11-5

volatile std::uint32_t& at(Register which) {
    return *reinterpret_cast<volatile std::uint32_t*>(fixed_address(FixedPage::local_apic) +
                                                      static_cast<std::uint64_t>(which));
}

} // namespace

bool available() {
    constexpr std::uint32_t has_apic = 1u << 9; // CPUID.1:EDX
    if ((cpuid(1).edx & has_apic) == 0) return false;
    return (read_msr(Msr::apic_base) & x2apic_mode) == 0;
}

void enable(PhysicalAddress registers, Pin0 pin0) {
    map_fixed(FixedPage::local_apic, registers, FixedAccess::device);
    write_msr(Msr::apic_base, read_msr(Msr::apic_base) | globally_enabled);
    at(Register::task_priority) = 0;
    for (const Register unused :
         {Register::local_timer, Register::thermal_monitor, Register::performance_counter, Register::local_error})
        at(unused) = masked;
    at(Register::local_pin0) = pin0 == Pin0::from_8259 ? external_interrupt : masked;
    at(Register::spurious_vector) = software_enabled | spurious_vector;
}

void disable() { write_msr(Msr::apic_base, read_msr(Msr::apic_base) & ~globally_enabled); }

std::uint32_t id() { return at(Register::id) >> 24; }

void end_of_interrupt() { at(Register::end_of_interrupt) = 0; }

void select_timer_mode(TimerMode mode) {
    at(Register::divide_configuration) = divide_by_1;
    at(Register::local_timer) = static_cast<std::uint32_t>(mode) | timer_vector;
    // A write to memory and one to a model-specific register are in no order without it (11.5.4.1).
    asm volatile("mfence" : : : "memory");
}

void set_timer_count(std::uint32_t count) { at(Register::initial_count) = count; }

std::uint32_t timer_count() { return at(Register::current_count); }

} // namespace tessera::kernel::x86_64::local_apic
