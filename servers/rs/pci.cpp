// SPDX-License-Identifier: BSD-3-Clause
// The walk over the buses and the registers of the configuration header (PCI 3.0, chapter 6).

#include "servers/rs/pci.h"
#include <algorithm>

namespace tessera::rs {

namespace {

constexpr IoPort address_port{0xcf8};
constexpr IoPort data_port{0xcfc};

// Offsets in the configuration header.
constexpr std::uint8_t identity = 0x00;
constexpr std::uint8_t command = 0x04;
constexpr std::uint8_t header_kind = 0x0c; // bits 16..22 the layout, bit 23 several functions
constexpr std::uint8_t base_address_0 = 0x10;
constexpr std::uint8_t base_address_1 = 0x14;
constexpr std::uint8_t bus_numbers = 0x18; // of a bridge; bits 8..15 the bus behind it
constexpr std::uint8_t interrupt = 0x3c;   // bits 0..7 the line

constexpr std::uint32_t no_device = 0xffff'ffff;
constexpr std::uint32_t command_memory = 1u << 1;
constexpr std::uint32_t command_bus_master = 1u << 2;
constexpr std::uint32_t command_interrupt_disable = 1u << 10;
constexpr std::uint32_t command_bits = 0xffff; // above are status bits, which a one would clear
constexpr std::uint32_t several_functions = 1u << 23;
constexpr std::uint32_t bridge = 1;

constexpr std::uint32_t base_is_port = 1;
constexpr std::uint32_t base_width_mask = 6;
constexpr std::uint32_t base_is_64_bit = 4;
constexpr std::uint32_t base_flags = 0xf;

constexpr int bridge_depth_limit = 8;
constexpr std::uint8_t devices_on_a_bus = 32;
constexpr std::uint8_t functions_of_a_device = 8;

} // namespace

std::uint32_t Pci::read(PciLocation location, std::uint8_t offset) {
    const std::uint32_t address = 1u << 31 | std::uint32_t{location.bus} << 16 | std::uint32_t{location.device} << 11 |
                                  std::uint32_t{location.function} << 8 | offset;
    ports_.write(address_port, address);
    return ports_.read(data_port);
}

void Pci::write(PciLocation location, std::uint8_t offset, std::uint32_t value) {
    (void)read(location, offset); // selects the register
    ports_.write(data_port, value);
}

std::optional<PciLocation> Pci::find_in_function(PciLocation location,
                                                 const std::vector<configuration::PciId>& identities, int depth) {
    const std::uint32_t value = read(location, identity);
    if (value == no_device) return std::nullopt;
    const configuration::PciId id{.vendor = static_cast<std::uint16_t>(value),
                                  .device = static_cast<std::uint16_t>(value >> 16)};
    if (std::ranges::contains(identities, id)) return location;
    const std::uint32_t layout = read(location, header_kind) >> 16 & 0x7f;
    if (layout != bridge || depth == bridge_depth_limit) return std::nullopt;
    const auto bus = static_cast<std::uint8_t>(read(location, bus_numbers) >> 8);
    return bus > location.bus ? find_on_bus(bus, identities, depth + 1) : std::nullopt;
}

std::optional<PciLocation> Pci::find_on_bus(std::uint8_t bus, const std::vector<configuration::PciId>& identities,
                                            int depth) {
    for (std::uint8_t device = 0; device < devices_on_a_bus; ++device) {
        const PciLocation first{.bus = bus, .device = device, .function = 0};
        if (read(first, identity) == no_device) continue;
        const bool several = (read(first, header_kind) & several_functions) != 0;
        const std::uint8_t functions = several ? functions_of_a_device : 1;
        for (std::uint8_t function = 0; function < functions; ++function)
            if (const auto found =
                    find_in_function({.bus = bus, .device = device, .function = function}, identities, depth))
                return found;
    }
    return std::nullopt;
}

// Writing ones to a base address register reads back which address bits are there; meanwhile the device must not
// answer to memory addresses (PCI 3.0, 6.2.5.1).
std::optional<PhysicalRange> Pci::first_memory_range(PciLocation location) {
    const std::uint32_t low = read(location, base_address_0);
    if ((low & base_is_port) != 0) return std::nullopt;
    const bool wide = (low & base_width_mask) == base_is_64_bit;
    const std::uint64_t high = wide ? read(location, base_address_1) : 0;
    const std::uint32_t saved_command = read(location, command) & command_bits;

    write(location, command, saved_command & ~(command_memory | command_bus_master));
    write(location, base_address_0, ~0u);
    const std::uint64_t low_mask = read(location, base_address_0) & ~base_flags;
    std::uint64_t mask = ~0xffff'ffffull | low_mask;
    if (wide) {
        write(location, base_address_1, ~0u);
        mask = std::uint64_t{read(location, base_address_1)} << 32 | low_mask;
        write(location, base_address_1, static_cast<std::uint32_t>(high));
    }
    write(location, base_address_0, low);
    write(location, command, saved_command);

    const std::uint64_t base = high << 32 | (low & ~base_flags);
    const std::uint64_t bytes = ~mask + 1;
    if (base == 0 || bytes == 0 || base % page_bytes != 0) return std::nullopt;
    return PhysicalRange{.base = {base}, .bytes = pages_for(bytes) * page_bytes};
}

std::optional<PciDevice> Pci::find(const std::vector<configuration::PciId>& identities) {
    const auto location = find_on_bus(0, identities, 0);
    if (!location) return std::nullopt;
    const auto registers = first_memory_range(*location);
    if (!registers) return std::nullopt;

    const std::uint32_t present = read(*location, command) & command_bits;
    write(*location, command, (present | command_memory) & ~(command_interrupt_disable | command_bus_master));
    const std::uint32_t id = read(*location, identity);
    return PciDevice{
        .location = *location,
        .resources = {.id = {.vendor = static_cast<std::uint16_t>(id), .device = static_cast<std::uint16_t>(id >> 16)},
                      .registers = *registers,
                      .interrupt = {read(*location, interrupt) & 0xff}}};
}

void Pci::set_bus_mastering(PciLocation device, BusMastering mastering) {
    const std::uint32_t present = read(device, command) & command_bits & ~command_bus_master;
    write(device, command, mastering == BusMastering::on ? present | command_bus_master : present);
}

} // namespace tessera::rs
