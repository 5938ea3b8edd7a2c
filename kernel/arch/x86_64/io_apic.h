// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The I/O APIC that the ISA lines are at. Intel 82093AA data sheet.

#include "kernel/arch/x86_64/interrupt_plan.h"

namespace tessera::kernel::x86_64 {

class IoApic {
public:
    // Masks every input and points those of the lines to their vectors on the processor with this local APIC.
    void initialise(const InterruptPlan& plan, std::uint32_t local_apic);
    void mask(InterruptLine line);
    void unmask(InterruptLine line);
    TriggerMode trigger(InterruptLine line) const { return lines_[line.value].trigger; }

private:
    struct Line {
        bool connected = false;
        TriggerMode trigger = TriggerMode::edge;
        std::uint32_t input = 0;
        std::uint32_t entry = 0; // low half of its redirection entry, as the controller has it
    };

    void connect(Line& line, const LineRoute& route, std::uint32_t vector, std::uint32_t local_apic);
    void change(Line& line, std::uint32_t entry);
    std::uint32_t read(std::uint32_t index) const;
    void write(std::uint32_t index, std::uint32_t value);
    volatile std::uint32_t& register_at(std::uint64_t offset) const;

    std::uint64_t registers_ = 0; // linear address
    std::array<Line, arch::interrupt_lines> lines_{};
};

} // namespace tessera::kernel::x86_64
