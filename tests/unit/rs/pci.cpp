// SPDX-License-Identifier: BSD-3-Clause
// Devices behind configuration mechanism #1.

#include "servers/rs/pci.h"
#include <catch2/catch.hpp>
#include <map>

using namespace tessera;
using namespace tessera::rs;

namespace {

// A function of a device: registers of its header. Base address registers know their size.
struct FakeFunction {
    std::map<std::uint8_t, std::uint32_t> registers;
    std::uint64_t bytes = 0x2'0000;
};

class FakeBus final : public PortAccess {
public:
    std::map<PciLocation, FakeFunction> functions;
    std::vector<std::uint32_t> commands; // every value written to a command register

    std::uint32_t read(IoPort port) override {
        REQUIRE(port.value == 0xcfc);
        FakeFunction* const function = selected();
        return function == nullptr ? ~0u : function->registers[offset()];
    }
    void write(IoPort port, std::uint32_t value) override {
        if (port.value == 0xcf8) {
            address_ = value;
            return;
        }
        FakeFunction* const function = selected();
        if (function == nullptr) return;
        if (offset() == 0x04) commands.push_back(value);
        const bool decodes = (function->registers[0x04] & 2) != 0;
        const bool base = offset() == 0x10 || offset() == 0x14;
        if (base && decodes) FAIL("a base address changes while the device answers to it");
        if (offset() == 0x10)
            value = (value & ~static_cast<std::uint32_t>(function->bytes - 1)) | base_flags(*function);
        function->registers[offset()] = value;
    }

private:
    static std::uint32_t base_flags(const FakeFunction& function) { return function.registers.at(0x10) & 0xf; }
    std::uint8_t offset() const { return static_cast<std::uint8_t>(address_ & 0xfc); }
    FakeFunction* selected() {
        REQUIRE((address_ & 1u << 31) != 0);
        const PciLocation location{.bus = static_cast<std::uint8_t>(address_ >> 16),
                                   .device = static_cast<std::uint8_t>(address_ >> 11 & 31),
                                   .function = static_cast<std::uint8_t>(address_ >> 8 & 7)};
        const auto found = functions.find(location);
        return found == functions.end() ? nullptr : &found->second;
    }

    std::uint32_t address_ = 0;
};

const std::vector<configuration::PciId> network_card{{.vendor = 0x8086, .device = 0x100e}};

FakeFunction card(std::uint32_t base = 0xfeb0'0000) {
    return {
        .registers = {{0x00, 0x100e'8086}, {0x04, 0x0010'0403}, {0x0c, 0}, {0x10, base}, {0x14, 0}, {0x3c, 0x010b}}};
}

FakeFunction bridge(std::uint8_t behind) {
    return {.registers = {{0x00, 0x1234'1234}, {0x0c, 1u << 16}, {0x10, 0}, {0x18, std::uint32_t{behind} << 8}}};
}

} // namespace

TEST_CASE("pci: the device, its registers and its interrupt line") {
    FakeBus bus;
    bus.functions[{0, 0, 0}] = {.registers = {{0x00, 0x1237'8086}, {0x0c, 0}, {0x10, 0}}};
    bus.functions[{0, 3, 0}] = card();
    Pci pci(bus);
    const auto device = pci.find(network_card);
    REQUIRE(device.has_value());
    CHECK(device->location == PciLocation{0, 3, 0});
    CHECK(device->resources.registers.base.value == 0xfeb0'0000);
    CHECK(device->resources.registers.bytes == 0x2'0000);
    CHECK(device->resources.interrupt == InterruptLine{11});
    CHECK(device->resources.id.device == 0x100e);

    auto& registers = bus.functions[{0, 3, 0}].registers;
    CHECK(registers[0x10] == 0xfeb0'0000);
    CHECK((registers[0x04] & 0x2) != 0);                                       // it answers to its memory range
    CHECK((registers[0x04] & 0x4) == 0);                                       // and writes none
    CHECK((registers[0x04] & 0x400) == 0);                                     // its interrupt is not switched off
    for (const std::uint32_t command : bus.commands) CHECK(command <= 0xffff); // status bits would be cleared
}

TEST_CASE("pci: a machine without the device") {
    FakeBus bus;
    Pci pci(bus);
    CHECK_FALSE(pci.find(network_card).has_value());
    bus.functions[{0, 3, 0}] = card();
    CHECK_FALSE(pci.find({{.vendor = 0x8086, .device = 0x10d3}}).has_value());
}

TEST_CASE("pci: functions above 0 count only where there are several") {
    FakeBus bus;
    bus.functions[{0, 2, 0}] = {.registers = {{0x00, 0x1111'1111}, {0x0c, 0}, {0x10, 0}}};
    bus.functions[{0, 2, 5}] = card();
    Pci pci(bus);
    CHECK_FALSE(pci.find(network_card).has_value());
    bus.functions[{0, 2, 0}].registers[0x0c] = 1u << 23;
    REQUIRE(pci.find(network_card).has_value());
    CHECK(pci.find(network_card)->location == PciLocation{0, 2, 5});
}

TEST_CASE("pci: behind a bridge; a bridge that leads back is not followed") {
    FakeBus bus;
    bus.functions[{0, 1, 0}] = bridge(2);
    bus.functions[{2, 0, 0}] = bridge(0);
    bus.functions[{2, 4, 0}] = card();
    Pci pci(bus);
    REQUIRE(pci.find(network_card).has_value());
    CHECK(pci.find(network_card)->location == PciLocation{2, 4, 0});
}

TEST_CASE("pci: registers above 4 GiB") {
    FakeBus bus;
    bus.functions[{0, 3, 0}] = card(0xfeb0'0004);
    bus.functions[{0, 3, 0}].registers[0x14] = 0x1;
    Pci pci(bus);
    const auto device = pci.find(network_card);
    REQUIRE(device.has_value());
    CHECK(device->resources.registers.base.value == 0x1'feb0'0000);
    CHECK(device->resources.registers.bytes == 0x2'0000);
    CHECK(bus.functions[{0, 3, 0}].registers[0x14] == 0x1);
}

TEST_CASE("pci: a device whose registers are ports or nowhere is of no use") {
    FakeBus bus;
    Pci pci(bus);
    bus.functions[{0, 3, 0}] = card(0xc001);
    CHECK_FALSE(pci.find(network_card).has_value());
    bus.functions[{0, 3, 0}] = card(0);
    CHECK_FALSE(pci.find(network_card).has_value());
}

TEST_CASE("pci: bus mastering on and off") {
    FakeBus bus;
    bus.functions[{0, 3, 0}] = card();
    Pci pci(bus);
    pci.set_bus_mastering({0, 3, 0}, BusMastering::on);
    CHECK((bus.functions[{0, 3, 0}].registers[0x04] & 4) == 4);
    pci.set_bus_mastering({0, 3, 0}, BusMastering::off);
    CHECK((bus.functions[{0, 3, 0}].registers[0x04] & 4) == 0);
}
