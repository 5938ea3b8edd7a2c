// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Which of the machine's interrupt controllers the kernel uses, and where each line arrives. No machine in it: host
// tests run it. Why it decides so: docs/decisions/0020-interrupt-wiring.md.

#include "kernel/abi/interrupt_controllers.h"
#include "kernel/arch/contract/machine.h"
#include <string_view>

namespace tessera::kernel::x86_64 {

enum class InterruptWiring : std::uint8_t {
    pic,          // the 8259s alone
    virtual_wire, // lines through the 8259s to the local APIC, which has the timer
    io_apic,      // lines through the I/O APIC
};

std::string_view name_of(InterruptWiring wiring);

struct LineRoute {
    bool connected = false; // ISA line 2 has no input where another line took it
    std::uint32_t input = 0;
    Polarity polarity = Polarity::active_high;
    TriggerMode trigger = TriggerMode::edge;
};

struct InterruptPlan {
    InterruptWiring wiring = InterruptWiring::pic;
    std::string_view reason; // for the log
    PhysicalAddress local_apic;
    PhysicalAddress io_apic; // that with input 0
    std::array<LineRoute, arch::interrupt_lines> lines{};
};

// The boot command line can say interrupts=pic, interrupts=virtual_wire or interrupts=io_apic; what the machine does
// not have it does not get.
// `level_lines`: bit per line that the 8259s take as level-triggered (pic::level_lines).
InterruptPlan plan_interrupts(const InterruptControllers& controllers, std::uint32_t level_lines,
                              std::string_view command_line);

} // namespace tessera::kernel::x86_64
