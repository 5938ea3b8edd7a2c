// SPDX-License-Identifier: BSD-3-Clause
// Any bytes as ACPI tables: nothing outside of them is read, and what is told keeps to its limits. The first 36 bytes
// are the root pointer, the rest is the memory. Checksums are made right where a length says how, or else nothing but
// their check would be tested.

#include "boot/acpi.h"
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <vector>

using namespace tessera;

namespace {

constexpr PhysicalAddress base{0x1000};
constexpr std::size_t root_bytes = 36, header_bytes = 36;

void require(bool condition) {
    if (!condition) std::abort();
}

void balance(std::span<std::byte> bytes, std::size_t place) {
    unsigned sum = 0;
    bytes[place] = std::byte{0};
    for (const std::byte byte : bytes) sum += std::to_integer<unsigned>(byte);
    bytes[place] = static_cast<std::byte>(0u - sum);
}

// Two tables, one after the other.
void balance_tables(std::span<std::byte> memory) {
    for (int table = 0; table < 2 && memory.size() >= header_bytes; ++table) {
        std::uint32_t length = 0;
        std::memcpy(&length, memory.data() + 4, sizeof(length));
        if (length < header_bytes || length > memory.size()) return;
        balance(memory.first(length), 9);
        memory = memory.subspan(length);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto* bytes = reinterpret_cast<const std::byte*>(data);
    std::vector<std::byte> root(bytes, bytes + std::min(size, root_bytes));
    std::vector<std::byte> memory(bytes + root.size(), bytes + size);
    if (root.size() == root_bytes) {
        std::memcpy(root.data(), "RSD PTR ", 8);
        balance(std::span(root).first(20), 8);
        balance(root, 32);
    }
    balance_tables(memory);
    const auto controllers = boot::read_interrupt_controllers({base, memory}, root);
    if (controllers.tables != FirmwareTables::intact)
        require(controllers.io_apic_count == 0 && controllers.override_count == 0);
    require(controllers.io_apic_count <= io_apic_limit && controllers.override_count <= interrupt_override_limit);
    for (const InterruptOverride& each : controllers.all_overrides()) require(each.line < 16);
    return 0;
}
