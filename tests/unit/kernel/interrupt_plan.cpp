// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/arch/x86_64/interrupt_plan.h"
#include <catch2/catch.hpp>

using namespace tessera;
using namespace tessera::kernel::x86_64;

namespace {

constexpr PhysicalAddress local_apic{0xfee0'0000}, io_apic{0xfec0'0000};

// A PC with an I/O APIC for the ISA lines, whose tables tell nothing of PCI.
InterruptControllers usual() {
    InterruptControllers controllers;
    controllers.tables = FirmwareTables::intact;
    controllers.has_8259 = 1;
    controllers.local_apic = local_apic;
    controllers.io_apics[0] = {.registers = io_apic, .first = {0}, .id = 0};
    controllers.io_apic_count = 1;
    return controllers;
}

void add(InterruptControllers& controllers, std::uint8_t line, std::uint32_t input, TriggerMode trigger,
         Polarity polarity = Polarity::active_high) {
    controllers.overrides[controllers.override_count++] = {
        .input = {input}, .line = line, .polarity = polarity, .trigger = trigger};
}

InterruptWiring wiring(const InterruptControllers& controllers, std::string_view command_line = "mode=open") {
    return plan_interrupts(controllers, 0, command_line).wiring;
}

} // namespace

TEST_CASE("without whole tables the 8259s are used") {
    InterruptControllers controllers = usual();
    controllers.tables = GENERATE(FirmwareTables::absent, FirmwareTables::damaged);
    CHECK(wiring(controllers) == InterruptWiring::pic);
    CHECK(wiring(controllers, "interrupts=io_apic") == InterruptWiring::pic);
}

TEST_CASE("without controllers in the tables the 8259s are used") {
    InterruptControllers controllers = usual();
    controllers.local_apic = {};
    CHECK(wiring(controllers) == InterruptWiring::pic);
    controllers = usual();
    controllers.io_apics[0].first = {24};
    CHECK(wiring(controllers) == InterruptWiring::virtual_wire);
    controllers.io_apic_count = 0;
    CHECK(wiring(controllers, "interrupts=io_apic") == InterruptWiring::virtual_wire);
}

TEST_CASE("where only AML tells of PCI's lines, lines come through the 8259s and the timer is the local APIC's") {
    InterruptControllers controllers = usual();
    CHECK(wiring(controllers) == InterruptWiring::virtual_wire);
    add(controllers, 0, 2, TriggerMode::edge);
    add(controllers, 9, 9, TriggerMode::level, Polarity::active_low); // ACPI's own
    CHECK(wiring(controllers) == InterruptWiring::virtual_wire);
    add(controllers, 10, 20, TriggerMode::level); // not where its number says
    CHECK(wiring(controllers) == InterruptWiring::virtual_wire);
}

TEST_CASE("level-triggered ISA lines are PCI's: the I/O APIC is used") {
    InterruptControllers controllers = usual();
    for (const std::uint8_t line : {5, 9, 10, 11}) add(controllers, line, line, TriggerMode::level);
    const InterruptPlan plan = plan_interrupts(controllers, 0, "");
    CHECK(plan.wiring == InterruptWiring::io_apic);
    CHECK(plan.local_apic == local_apic);
    CHECK(plan.io_apic == io_apic);
    CHECK(plan.lines[11].trigger == TriggerMode::level);
    CHECK(plan.lines[3].trigger == TriggerMode::edge);
}

TEST_CASE("Bochs' firmware says nothing of PCI's lines, but the 8259s know") {
    InterruptControllers controllers = usual();
    controllers.manufacturer = {'B', 'O', 'C', 'H', 'S', ' '};
    const InterruptPlan plan = plan_interrupts(controllers, 1u << 11 | 1u << 9, "");
    CHECK(plan.wiring == InterruptWiring::io_apic);
    CHECK(plan.lines[11].trigger == TriggerMode::level);
    CHECK(plan.lines[11].polarity == Polarity::active_high);
    CHECK(plan.lines[10].trigger == TriggerMode::edge);
}

TEST_CASE("what an override says counts more than what the 8259s are set to") {
    InterruptControllers controllers = usual();
    add(controllers, 9, 20, TriggerMode::level, Polarity::active_low);
    add(controllers, 11, 11, TriggerMode::edge);
    const InterruptPlan plan = plan_interrupts(controllers, 1u << 11, "");
    CHECK(plan.lines[9].input == 20);
    CHECK(plan.lines[9].polarity == Polarity::active_low);
    CHECK(plan.lines[11].trigger == TriggerMode::edge);
}

TEST_CASE("two lines never share an input because one has moved there") {
    InterruptControllers controllers = usual();
    add(controllers, 0, 2, TriggerMode::edge);
    const InterruptPlan plan = plan_interrupts(controllers, 0, "");
    CHECK(plan.lines[0].connected);
    CHECK(plan.lines[0].input == 2);
    CHECK_FALSE(plan.lines[2].connected);
    CHECK(plan.lines[1].connected);
}

TEST_CASE("a machine without 8259s uses the I/O APIC whatever is known") {
    InterruptControllers controllers = usual();
    controllers.has_8259 = 0;
    CHECK(wiring(controllers) == InterruptWiring::io_apic);
    CHECK(wiring(controllers, "interrupts=virtual_wire") == InterruptWiring::io_apic);
}

TEST_CASE("the boot command line overrules, by whole words") {
    CHECK(wiring(usual(), "mode=open interrupts=pic") == InterruptWiring::pic);
    CHECK(wiring(usual(), "interrupts=io_apic mode=open") == InterruptWiring::io_apic);
    CHECK(wiring(usual(), "interrupts=pics xinterrupts=pic interrupts=") == InterruptWiring::virtual_wire);
    CHECK(wiring(usual(), "interrupts=pics interrupts=pic") == InterruptWiring::pic);
    InterruptControllers known = usual();
    for (const std::uint8_t line : {5, 11}) add(known, line, line, TriggerMode::level);
    CHECK(wiring(known, "interrupts=virtual_wire") == InterruptWiring::virtual_wire);
}
