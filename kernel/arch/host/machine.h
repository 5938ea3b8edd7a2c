// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The machine of unit tests. The contract is free functions; they act on the one Machine that exists at the time. What
// the kernel does to it is kept in order, so that a test can check that nothing happened that should not, and nothing
// too early.

#include "kernel/abi/calls/devices.h"
#include "kernel/arch/contract/address_space.h"
#include "kernel/arch/contract/context.h"
#include "kernel/arch/contract/machine.h"
#include "kernel/arch/host/user_memory.h"
#include <bitset>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace tessera::kernel::host {

// ---- What is thrown where a real machine would not come back
// ----------------------------------------------------------

enum class StopKind : std::uint8_t { power_off, reboot, halt };
struct Stopped {
    StopKind kind;
};
struct Idle {}; // the kernel waits for an interrupt and the test has none to give

// ---- What the kernel did

struct LineMasked {
    InterruptLine line;
    bool operator==(const LineMasked&) const = default;
};
struct LineUnmasked {
    InterruptLine line;
    bool operator==(const LineUnmasked&) const = default;
};
struct PortWasRead {
    IoPort port;
    kernel_calls::IoWidth width;
    bool operator==(const PortWasRead&) const = default;
};
struct PortWasWritten {
    IoPort port;
    kernel_calls::IoWidth width;
    std::uint64_t value = 0;
    bool operator==(const PortWasWritten&) const = default;
};
enum class CachedTranslations : std::uint8_t { keep, drop };
struct SpaceLoaded {
    std::uint32_t slot = 0;
    arch::RootEntry entry;
    CachedTranslations cached{};
    bool operator==(const SpaceLoaded&) const = default;
};
struct UserBytesWritten { // `bytes` were asked for; after a fault only the first of them are written
    arch::RootEntry space;
    VirtualAddress address;
    std::uint64_t bytes = 0;
    bool operator==(const UserBytesWritten&) const = default;
};
using Event = std::variant<LineMasked, LineUnmasked, PortWasRead, PortWasWritten, SpaceLoaded, UserBytesWritten>;

// ---- What of its registers a program of this machine may not have

inline constexpr std::uint64_t program_flags = 0xff;
inline constexpr std::size_t reserved_extended_byte = 520;

// ---- The machine

class Machine {
public:
    using RootPage = std::array<arch::RootEntry, page_bytes / sizeof(arch::RootEntry)>;

    Machine();
    ~Machine();
    Machine(const Machine&) = delete;
    Machine& operator=(const Machine&) = delete;
    static Machine& current(); // throws std::logic_error when there is none

    // Address spaces: a root entry of its own for each; where the root entries are is the kernel's to say.
    arch::RootEntry create_space();
    UserMemory& space(arch::RootEntry entry);
    RootPage& root_page(PhysicalAddress page) { return root_pages_[page.value]; }

    Ticks counter{};
    std::uint64_t counter_rate = 1'000'000'000; // a tick is a nanosecond
    std::optional<Ticks> timer;                 // when the clock interrupt is due
    std::bitset<arch::interrupt_lines> unmasked;
    std::bitset<arch::interrupt_lines> forgetful;       // lines that lose what comes while they are masked
    std::map<std::uint16_t, std::uint64_t> port_values; // what reading a port gives
    std::function<void()> on_wait;                      // an interrupt while the kernel waits; none: Idle is thrown
    arch::ExtendedState extended;                       // what the registers of the machine hold
    VirtualAddress thread_pointer{};
    std::string console;
    std::vector<Event> history;
    PhysicalAddress root_entries{};
    bool root_entries_mapped = false;

private:
    std::map<std::uint64_t, std::unique_ptr<UserMemory>> spaces_; // by raw entry
    std::map<std::uint64_t, RootPage> root_pages_;                // by physical address
};

} // namespace tessera::kernel::host
