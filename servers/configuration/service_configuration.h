// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// What a NAME.conf says of one service. servers/configuration/README.md describes the file.

#include "kernel/abi/privileges.h"
#include "kernel/abi/process.h"
#include "servers/protocols/rs.h"
#include <compare>
#include <optional>
#include <string>
#include <vector>

namespace tessera::configuration {

enum class StartMode : std::uint8_t { boot, on_request };
enum class InterruptSource : std::uint8_t { listed, device };

// What it may ask RS to do to others; bits of ServiceConfiguration::control.
enum class Control : std::uint8_t { services = 1, faults = 2, machine = 4 };

struct PciId {
    std::uint16_t vendor = 0;
    std::uint16_t device = 0;
    auto operator<=>(const PciId&) const = default;
};

// So many deaths of incarnations that never became ready, within so long: the service is given up.
struct GiveUp {
    std::uint32_t deaths = 0;
    Nanoseconds within{};
};

struct Restart {
    protocol::rs::RestartPolicy policy = protocol::rs::RestartPolicy::always;
    Nanoseconds backoff{50'000'000}; // before the second restart in a row; doubles from there
    std::optional<GiveUp> give_up;   // never, without
};

struct ServiceConfiguration {
    Name label;
    std::string program; // file of the boot archive
    std::uint8_t priority = 0;
    std::uint32_t quantum_milliseconds = 20;
    std::vector<Name> may_call;   // only more important services, beside VM and RS
    std::vector<Name> may_notify; // anybody
    std::uint64_t kernel_calls = 0;
    std::uint8_t control = 0;
    MagicGrants magic_grants = MagicGrants::refused;
    InterruptSource interrupt_source = InterruptSource::listed;
    std::vector<InterruptLine> interrupts;
    std::vector<IoPortRange> io_ports;
    std::vector<PhysicalRange> device_memory;
    std::vector<PciId> pci_devices; // the first one that the machine has
    std::uint32_t budget_pages = 0;
    std::uint32_t preserved_pages = 0;
    std::uint32_t contiguous_pages = 0;
    Restart restart;
    Nanoseconds heartbeat{}; // 0: none
    StartMode start = StartMode::boot;
    std::vector<std::string> arguments; // after the program's name

    bool may_control(Control what) const { return (control & static_cast<std::uint8_t>(what)) != 0; }
};

inline constexpr std::string_view users = "users"; // the name of all user processes in may_notify

} // namespace tessera::configuration
