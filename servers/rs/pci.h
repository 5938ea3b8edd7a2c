// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Finds a PCI device and its resources by configuration mechanism #1 (PCI Local Bus Specification 3.0, 3.2.2.3.2).

#include "servers/configuration/privileges.h"
#include <optional>

namespace tessera::rs {

// Access to the double words of I/O space.
class PortAccess {
public:
    virtual ~PortAccess() = default;
    virtual std::uint32_t read(IoPort port) = 0;
    virtual void write(IoPort port, std::uint32_t value) = 0;
};

struct PciLocation {
    std::uint8_t bus = 0;
    std::uint8_t device = 0;
    std::uint8_t function = 0;
    auto operator<=>(const PciLocation&) const = default;
};

enum class BusMastering : std::uint8_t { off, on };

struct PciDevice {
    PciLocation location;
    configuration::Device resources;
};

class Pci {
public:
    explicit Pci(PortAccess& ports) : ports_(ports) {}

    // The first device with one of the identities, its memory decoding switched on; bus mastering stays off.
    std::optional<PciDevice> find(const std::vector<configuration::PciId>& identities);

    // A device whose driver is dead must not write memory.
    void set_bus_mastering(PciLocation device, BusMastering mastering);

private:
    std::optional<PciLocation> find_on_bus(std::uint8_t bus, const std::vector<configuration::PciId>& identities,
                                           int depth);
    std::optional<PciLocation> find_in_function(PciLocation location,
                                                const std::vector<configuration::PciId>& identities, int depth);
    std::optional<PhysicalRange> first_memory_range(PciLocation location);
    std::uint32_t read(PciLocation location, std::uint8_t offset);
    void write(PciLocation location, std::uint8_t offset, std::uint32_t value);

    PortAccess& ports_;
};

} // namespace tessera::rs
