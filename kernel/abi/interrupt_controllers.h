// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The machine's interrupt controllers as the firmware's tables tell of them: ACPI specification 6.5, 5.2.12, "Multiple
// APIC Description Table". Filled in by the boot stage (boot/acpi.h).

#include "kernel/abi/strong.h"
#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace tessera {

enum class FirmwareTables : std::uint8_t {
    absent = 0,  // the loader told of none
    damaged = 1, // a checksum, a length or an address in them is wrong: nothing of them is used
    intact = 2,
};

enum class Polarity : std::uint8_t { active_high = 0, active_low = 1 };
enum class TriggerMode : std::uint8_t { edge = 0, level = 1 };

// An input of an I/O APIC, counted over all of them: ACPI's global system interrupt.
using GlobalInterrupt = Scalar<struct GlobalInterruptTag, std::uint32_t>;

struct IoApicDescription {
    PhysicalAddress registers;
    GlobalInterrupt first; // its input 0
    std::uint32_t id = 0;
};

// Where an ISA line arrives when it is not the input of the same number, edge-triggered and active high.
struct InterruptOverride {
    GlobalInterrupt input;
    std::uint8_t line = 0;
    Polarity polarity = Polarity::active_high;
    TriggerMode trigger = TriggerMode::edge;
    std::uint8_t padding = 0;
};

inline constexpr std::size_t io_apic_limit = 4; // more are left out: the ISA lines are at the first
inline constexpr std::size_t interrupt_override_limit = 16;

struct InterruptControllers {
    FirmwareTables tables = FirmwareTables::absent;
    std::uint8_t has_8259 = 0; // 1: the two 8259s are there as well (PCAT_COMPAT)
    std::uint8_t io_apic_count = 0;
    std::uint8_t override_count = 0;
    std::uint32_t padding = 0;
    std::array<char, 8> manufacturer{}; // the OEM identity of the table: six characters
    PhysicalAddress local_apic;         // registers of the processor's own
    std::array<IoApicDescription, io_apic_limit> io_apics{};
    std::array<InterruptOverride, interrupt_override_limit> overrides{};

    constexpr std::span<const IoApicDescription> all_io_apics() const {
        return std::span(io_apics).first(io_apic_count);
    }
    constexpr std::string_view manufacturer_name() const { return {manufacturer.data(), 6}; }
    constexpr std::span<const InterruptOverride> all_overrides() const {
        return std::span(overrides).first(override_count);
    }
};

} // namespace tessera
