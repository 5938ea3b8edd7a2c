// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/arch/x86_64/interrupt_plan.h"
#include <algorithm>

namespace tessera::kernel::x86_64 {

namespace {

bool has_word(std::string_view line, std::string_view word) {
    for (std::size_t at = line.find(word); at != std::string_view::npos; at = line.find(word, at + 1)) {
        const std::size_t end = at + word.size();
        if ((at == 0 || line[at - 1] == ' ') && (end == line.size() || line[end] == ' ')) return true;
    }
    return false;
}

// Bochs and QEMU. The firmware of Bochs 2.7 leaves out what pci_uses_isa_lines looks for, but its only chipsets are
// those that put PCI's lines on the inputs of the ISA lines.
bool of_bochs(const InterruptControllers& controllers) { return controllers.manufacturer_name() == "BOCHS "; }

// A firmware that calls ISA lines level-triggered says that devices share them which are not of the ISA bus: PCI's. One
// line alone may be that of ACPI itself.
bool pci_uses_isa_lines(const InterruptControllers& controllers) {
    const auto shared = std::ranges::count_if(controllers.all_overrides(), [](const InterruptOverride& each) {
        return each.trigger == TriggerMode::level && each.input.value == each.line;
    });
    return shared >= 2;
}

void route_lines(const InterruptControllers& controllers, std::uint32_t level_lines, InterruptPlan& plan) {
    for (std::uint32_t line = 0; line < plan.lines.size(); ++line)
        plan.lines[line] = {.connected = true,
                            .input = line,
                            .trigger = (level_lines >> line & 1) != 0 ? TriggerMode::level : TriggerMode::edge};
    for (const InterruptOverride& each : controllers.all_overrides()) {
        // Nothing else arrives there, unless it says so itself.
        if (each.input.value < plan.lines.size()) plan.lines[each.input.value].connected = false;
    }
    for (const InterruptOverride& each : controllers.all_overrides())
        plan.lines[each.line] = {
            .connected = true, .input = each.input.value, .polarity = each.polarity, .trigger = each.trigger};
}

void choose(const InterruptControllers& controllers, std::string_view command_line, InterruptPlan& plan) {
    const auto decide = [&](InterruptWiring wiring, std::string_view reason) {
        plan.wiring = wiring;
        plan.reason = reason;
    };
    constexpr std::string_view as_told = "as the boot command line says";
    const bool has_8259 = controllers.has_8259 != 0;
    if (has_word(command_line, "interrupts=pic")) return decide(InterruptWiring::pic, as_told);
    if (controllers.tables == FirmwareTables::absent)
        return decide(InterruptWiring::pic, "the firmware has no table of interrupt controllers");
    if (controllers.tables == FirmwareTables::damaged)
        return decide(InterruptWiring::pic, "the firmware's tables are damaged");
    if (plan.local_apic.value == 0) return decide(InterruptWiring::pic, "the firmware tells of no local APIC");
    if (plan.io_apic.value == 0)
        return decide(InterruptWiring::virtual_wire, "the firmware tells of no I/O APIC for the ISA lines");
    if (has_8259 && has_word(command_line, "interrupts=virtual_wire"))
        return decide(InterruptWiring::virtual_wire, as_told);
    if (has_word(command_line, "interrupts=io_apic")) return decide(InterruptWiring::io_apic, as_told);
    if (!has_8259) return decide(InterruptWiring::io_apic, "there is no 8259");
    if (pci_uses_isa_lines(controllers) || of_bochs(controllers))
        return decide(InterruptWiring::io_apic, "where PCI's lines arrive is known");
    decide(InterruptWiring::virtual_wire, "only AML tells where PCI's lines arrive at the I/O APIC");
}

} // namespace

std::string_view name_of(InterruptWiring wiring) {
    switch (wiring) {
    case InterruptWiring::pic:
        return "8259";
    case InterruptWiring::virtual_wire:
        return "8259 through the local APIC";
    case InterruptWiring::io_apic:
        return "I/O APIC";
    }
    return "?";
}

InterruptPlan plan_interrupts(const InterruptControllers& controllers, std::uint32_t level_lines,
                              std::string_view command_line) {
    InterruptPlan plan;
    plan.local_apic = controllers.local_apic;
    for (const IoApicDescription& each : controllers.all_io_apics())
        if (each.first == GlobalInterrupt{0}) plan.io_apic = each.registers;
    route_lines(controllers, level_lines, plan);
    choose(controllers, command_line, plan);
    return plan;
}

} // namespace tessera::kernel::x86_64
