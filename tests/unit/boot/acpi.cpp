// SPDX-License-Identifier: BSD-3-Clause
#include "boot/acpi.h"
#include "tests/unit/boot/acpi_bytes.h"
#include <catch2/catch.hpp>

using namespace tessera;
using namespace tessera::tests;
using boot::read_interrupt_controllers;

namespace {

// What an MADT tells that is found the usual way.
InterruptControllers read(const Bytes& table) {
    AcpiMemory memory;
    const PhysicalAddress place = memory.add(table);
    const Bytes root = memory.extended_root({place});
    return read_interrupt_controllers(memory.reachable(), root);
}

FirmwareTables verdict(const Bytes& table) { return read(table).tables; }

} // namespace

TEST_CASE("the MADT of a usual machine is read") {
    const InterruptControllers controllers = read(usual_madt());
    REQUIRE(controllers.tables == FirmwareTables::intact);
    CHECK(controllers.has_8259 == 1);
    CHECK(controllers.manufacturer_name() == "TESTER");
    CHECK(controllers.local_apic == PhysicalAddress{0xfee0'0000});
    REQUIRE(controllers.all_io_apics().size() == 1);
    CHECK(controllers.io_apics[0].registers == PhysicalAddress{0xfec0'0000});
    CHECK(controllers.io_apics[0].first == GlobalInterrupt{0});
    CHECK(controllers.io_apics[0].id == 1);
    REQUIRE(controllers.all_overrides().size() == 5);
    CHECK(controllers.overrides[0].line == 0);
    CHECK(controllers.overrides[0].input == GlobalInterrupt{2});
    CHECK(controllers.overrides[0].trigger == TriggerMode::edge);
    CHECK(controllers.overrides[0].polarity == Polarity::active_high);
    CHECK(controllers.overrides[4].line == 11);
    CHECK(controllers.overrides[4].trigger == TriggerMode::level);
    CHECK(controllers.overrides[4].polarity == Polarity::active_high);
}

TEST_CASE("polarity and trigger are what the flags say, or those of the ISA bus") {
    const auto [flags, polarity, trigger] = GENERATE(table<std::uint16_t, Polarity, TriggerMode>({
        {0x0, Polarity::active_high, TriggerMode::edge},
        {0x5, Polarity::active_high, TriggerMode::edge},
        {0x7, Polarity::active_low, TriggerMode::edge},
        {0xd, Polarity::active_high, TriggerMode::level},
        {0xf, Polarity::active_low, TriggerMode::level},
        {0xfff0, Polarity::active_high, TriggerMode::edge}, // reserved bits
        {0xa, Polarity::active_high, TriggerMode::edge},    // reserved values
    }));
    const InterruptControllers controllers = read(madt({override_entry(9, 20, flags)}));
    REQUIRE(controllers.all_overrides().size() == 1);
    CHECK(controllers.overrides[0].polarity == polarity);
    CHECK(controllers.overrides[0].trigger == trigger);
    CHECK(controllers.overrides[0].input == GlobalInterrupt{20});
}

TEST_CASE("without 8259s the flag is not set") { CHECK(read(madt({}, 0)).has_8259 == 0); }

TEST_CASE("an address of 64 bits for the local APIC takes the place of the one of 32") {
    const Bytes entry = LoaderBytes::pack(std::uint8_t{5}, std::uint8_t{12}, std::uint16_t{0}, 0x12'3456'7000ull);
    CHECK(read(madt({entry})).local_apic == PhysicalAddress{0x12'3456'7000});
}

TEST_CASE("entries of unknown types are passed over") {
    const Bytes unknown = LoaderBytes::pack(std::uint8_t{99}, std::uint8_t{4}, std::uint16_t{0xffff});
    CHECK(read(madt({unknown, io_apic_entry(0, 0xfec0'0000, 0)})).all_io_apics().size() == 1);
}

TEST_CASE("I/O APICs beyond the limit are left out") {
    std::vector<Bytes> entries;
    for (std::uint8_t id = 0; id < io_apic_limit + 2; ++id)
        entries.push_back(io_apic_entry(id, 0xfec0'0000u + id * 0x1000u, id * 24u));
    const InterruptControllers controllers = read(madt(entries));
    REQUIRE(controllers.all_io_apics().size() == io_apic_limit);
    CHECK(controllers.io_apics.back().first == GlobalInterrupt{24 * (io_apic_limit - 1)});
}

TEST_CASE("a line has one override and is of the ISA bus") {
    CHECK(verdict(madt({override_entry(9, 9, 0xd), override_entry(9, 20, 0xd)})) == FirmwareTables::damaged);
    CHECK(verdict(madt({override_entry(16, 16, 0)})) == FirmwareTables::damaged);
    CHECK(verdict(madt({override_entry(255, 16, 0)})) == FirmwareTables::damaged);
    CHECK(verdict(madt({override_entry(9, 9, 0, 1)})) == FirmwareTables::damaged);
    std::vector<Bytes> all;
    for (std::uint8_t line = 0; line < 16; ++line) all.push_back(override_entry(line, line, 0));
    CHECK(read(madt(all)).all_overrides().size() == 16);
}

TEST_CASE("an entry that is cut off, or too short for what it is, damages the table") {
    const Bytes whole = GENERATE(io_apic_entry(1, 0xfec0'0000, 0), override_entry(9, 9, 0xd),
                                 LoaderBytes::pack(std::uint8_t{5}, std::uint8_t{12}, std::uint16_t{0}, 1ull));
    for (std::size_t size = 1; size < whole.size(); ++size) {
        Bytes cut = whole;
        cut.resize(size);
        CHECK(verdict(madt({cut})) == FirmwareTables::damaged); // it claims more than there is
        if (size >= 2) cut[1] = static_cast<std::byte>(size);
        CHECK(verdict(madt({cut})) == FirmwareTables::damaged); // it is too short
    }
}

TEST_CASE("an entry without length does not hang the reader") {
    CHECK(verdict(madt({LoaderBytes::pack(std::uint8_t{99}, std::uint8_t{0})})) == FirmwareTables::damaged);
    CHECK(verdict(madt({LoaderBytes::pack(std::uint8_t{99}, std::uint8_t{1})})) == FirmwareTables::damaged);
}

TEST_CASE("a flipped bit anywhere in the tables is noticed") {
    AcpiMemory memory;
    const PhysicalAddress table = memory.add(usual_madt());
    const std::size_t table_bytes = usual_madt().size();
    const Bytes root = memory.extended_root({table});
    for (std::size_t i = 0; i < table_bytes; ++i) {
        memory.bytes()[i] ^= std::byte{0x10};
        CHECK(read_interrupt_controllers(memory.reachable(), root).tables != FirmwareTables::intact);
        memory.bytes()[i] ^= std::byte{0x10};
    }
    for (std::size_t i = 0; i < root.size(); ++i) {
        Bytes flipped = root;
        flipped[i] ^= std::byte{0x01};
        CHECK(read_interrupt_controllers(memory.reachable(), flipped).tables == FirmwareTables::damaged);
    }
    CHECK(read_interrupt_controllers(memory.reachable(), root).tables == FirmwareTables::intact);
}

TEST_CASE("an old root pointer leads to the old root table") {
    AcpiMemory memory;
    const PhysicalAddress other = memory.add(acpi_table("FACP", {})), table = memory.add(usual_madt());
    const Bytes root = memory.old_root({other, table});
    CHECK(read_interrupt_controllers(memory.reachable(), root).tables == FirmwareTables::intact);
}

TEST_CASE("of two root tables the extended one counts") {
    AcpiMemory memory;
    const auto old_table = static_cast<std::uint32_t>(memory.add(acpi_table("RSDT", {})).value);
    const PhysicalAddress table = memory.add(usual_madt());
    const PhysicalAddress extended = memory.add(acpi_table("XSDT", LoaderBytes::pack(table.value)));
    const Bytes root = AcpiMemory::root_pointer(2, old_table, extended.value);
    CHECK(read_interrupt_controllers(memory.reachable(), root).tables == FirmwareTables::intact);
    Bytes first_edition = AcpiMemory::root_pointer(0, old_table, extended.value);
    CHECK(read_interrupt_controllers(memory.reachable(), first_edition).tables == FirmwareTables::absent);
}

TEST_CASE("the first of several MADTs counts; damaged other tables do not matter") {
    AcpiMemory memory;
    Bytes broken = acpi_table("FACP", {});
    broken[20] ^= std::byte{1};
    const PhysicalAddress other = memory.add(broken), first = memory.add(madt({}, 0)), second = memory.add(madt({}));
    const Bytes root = memory.extended_root({{0xffff'ffff'ffff'0000}, other, first, second});
    const InterruptControllers controllers = read_interrupt_controllers(memory.reachable(), root);
    CHECK(controllers.tables == FirmwareTables::intact);
    CHECK(controllers.has_8259 == 0);
}

TEST_CASE("no root pointer or no MADT: the machine has no tables") {
    AcpiMemory memory;
    CHECK(read_interrupt_controllers(memory.reachable(), {}).tables == FirmwareTables::absent);
    const Bytes root = memory.extended_root({});
    CHECK(read_interrupt_controllers(memory.reachable(), root).tables == FirmwareTables::absent);
}

TEST_CASE("a root pointer that is cut off is damaged") {
    AcpiMemory memory;
    const Bytes root = memory.old_root({memory.add(usual_madt())});
    for (std::size_t size = 1; size < root.size(); ++size)
        CHECK(read_interrupt_controllers(memory.reachable(), std::span(root).first(size)).tables ==
              FirmwareTables::damaged);
}

TEST_CASE("tables out of reach or with a senseless length are damaged") {
    AcpiMemory memory;
    const PhysicalAddress short_table = memory.add(acpi_table("XSDT", {}, 35));
    const PhysicalAddress long_table = memory.add(acpi_table("XSDT", {}, 0x10'0000));
    const PhysicalAddress huge_table = memory.add(acpi_table("XSDT", {}, 0xffff'ffff));
    const PhysicalAddress wrong_table = memory.add(acpi_table("RSDT", {}));
    for (const PhysicalAddress place : {short_table, long_table, huge_table, wrong_table, PhysicalAddress{0x1000},
                                        AcpiMemory::base + memory.bytes().size() - 20, PhysicalAddress{~0ull}})
        CHECK(read_interrupt_controllers(memory.reachable(), AcpiMemory::root_pointer(2, 0, place.value)).tables ==
              FirmwareTables::damaged);
    CHECK(read_interrupt_controllers(memory.reachable(), AcpiMemory::root_pointer(0, 0, 0)).tables ==
          FirmwareTables::damaged);
}
