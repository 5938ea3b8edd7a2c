// SPDX-License-Identifier: BSD-3-Clause
#include "boot/acpi.h"
#include <cstring>
#include <string_view>

namespace tessera::boot {

namespace {

using Bytes = std::span<const std::byte>;

// Root pointer: 5.2.5.3. A revision below 2 has the first twenty bytes only.
namespace root {
constexpr std::size_t old_bytes = 20, bytes = 36, revision = 15, root_table = 16, extended_root_table = 24;
constexpr std::string_view signature = "RSD PTR ";
} // namespace root

// What every table begins with: 5.2.6.
namespace header {
constexpr std::size_t bytes = 36, length = 4, manufacturer = 10, manufacturer_bytes = 6;
} // namespace header
constexpr std::uint64_t table_limit = 1024 * 1024; // far above any root table or MADT

// 5.2.12
namespace madt {
constexpr std::size_t local_apic = 36, flags = 40, entries = 44, entry_header = 2;
constexpr std::uint32_t has_8259 = 1u << 0;
} // namespace madt

enum class EntryType : std::uint8_t { io_apic = 1, interrupt_override = 2, local_apic_address = 5 };

// MPS INTI flags: table 5.26. What conforms to the bus is edge-triggered and active high: the only bus is ISA.
constexpr std::uint16_t polarity_mask = 3, active_low = 3, trigger_mask = 3 << 2, level = 3 << 2;

constexpr std::uint8_t isa_bus = 0;
constexpr std::uint8_t isa_lines = 16;

template <class T> Result<T> load(Bytes bytes, std::size_t offset) {
    if (offset > bytes.size() || bytes.size() - offset < sizeof(T)) return Status::damaged;
    T value{};
    std::memcpy(&value, bytes.data() + offset, sizeof(T));
    return value;
}

bool begins_with(Bytes bytes, std::string_view text) {
    return bytes.size() >= text.size() && std::memcmp(bytes.data(), text.data(), text.size()) == 0;
}

bool adds_up(Bytes bytes) {
    std::uint8_t sum = 0;
    for (const std::byte byte : bytes) sum = static_cast<std::uint8_t>(sum + std::to_integer<std::uint8_t>(byte));
    return sum == 0;
}

// A whole table.
Result<Bytes> table_at(const ReachableMemory& memory, PhysicalAddress address) {
    const Bytes head = TESSERA_TRY(memory.at(address, header::bytes));
    const auto length = TESSERA_TRY(load<std::uint32_t>(head, header::length));
    if (length < header::bytes || length > table_limit) return Status::damaged;
    const Bytes table = TESSERA_TRY(memory.at(address, length));
    if (!adds_up(table)) return Status::damaged;
    return table;
}

// The root table: addresses of `entry_bytes` each behind its header.
struct RootTable {
    Bytes table;
    std::size_t entry_bytes;

    std::size_t count() const { return (table.size() - header::bytes) / entry_bytes; }
    PhysicalAddress entry(std::size_t index) const {
        std::uint64_t address = 0; // the machine is little-endian
        std::memcpy(&address, table.data() + header::bytes + index * entry_bytes, entry_bytes);
        return {address};
    }
};

Result<RootTable> root_table(const ReachableMemory& memory, Bytes pointer) {
    if (!begins_with(pointer, root::signature) || pointer.size() < root::old_bytes) return Status::damaged;
    if (!adds_up(pointer.first(root::old_bytes))) return Status::damaged;
    const bool extended =
        pointer.size() >= root::bytes && TESSERA_TRY(load<std::uint8_t>(pointer, root::revision)) >= 2;
    if (extended) {
        if (!adds_up(pointer.first(root::bytes))) return Status::damaged;
        const auto address = TESSERA_TRY(load<std::uint64_t>(pointer, root::extended_root_table));
        if (address != 0) {
            const Bytes table = TESSERA_TRY(table_at(memory, {address}));
            if (!begins_with(table, "XSDT")) return Status::damaged;
            return RootTable{table, sizeof(std::uint64_t)};
        }
    }
    const auto address = TESSERA_TRY(load<std::uint32_t>(pointer, root::root_table));
    const Bytes table = TESSERA_TRY(table_at(memory, {address}));
    if (!begins_with(table, "RSDT")) return Status::damaged;
    return RootTable{table, sizeof(std::uint32_t)};
}

// no_entry: there is none. Other tables are looked at no further than their signature.
Result<Bytes> find_madt(const ReachableMemory& memory, const RootTable& all) {
    for (std::size_t i = 0; i < all.count(); ++i) {
        const auto head = memory.at(all.entry(i), header::bytes);
        if (head.has_value() && begins_with(*head, "APIC")) return table_at(memory, all.entry(i));
    }
    return Status::no_entry;
}

Completion read_io_apic(Bytes entry, InterruptControllers& controllers) {
    const IoApicDescription description{.registers = {TESSERA_TRY(load<std::uint32_t>(entry, 4))},
                                        .first = {TESSERA_TRY(load<std::uint32_t>(entry, 8))},
                                        .id = TESSERA_TRY(load<std::uint8_t>(entry, 2))};
    if (controllers.io_apic_count < io_apic_limit) controllers.io_apics[controllers.io_apic_count++] = description;
    return Done{};
}

Completion read_override(Bytes entry, InterruptControllers& controllers) {
    const auto bus = TESSERA_TRY(load<std::uint8_t>(entry, 2)), line = TESSERA_TRY(load<std::uint8_t>(entry, 3));
    const auto input = TESSERA_TRY(load<std::uint32_t>(entry, 4));
    const auto flags = TESSERA_TRY(load<std::uint16_t>(entry, 8));
    if (bus != isa_bus || line >= isa_lines) return Status::damaged;
    for (const InterruptOverride& other : controllers.all_overrides())
        if (other.line == line) return Status::damaged; // two places for one line
    controllers.overrides[controllers.override_count++] = {
        .input = {input},
        .line = line,
        .polarity = (flags & polarity_mask) == active_low ? Polarity::active_low : Polarity::active_high,
        .trigger = (flags & trigger_mask) == level ? TriggerMode::level : TriggerMode::edge};
    return Done{};
}
static_assert(interrupt_override_limit >= isa_lines);

Completion read_entry(Bytes entry, InterruptControllers& controllers) {
    switch (static_cast<EntryType>(entry[0])) {
    case EntryType::io_apic:
        return read_io_apic(entry, controllers);
    case EntryType::interrupt_override:
        return read_override(entry, controllers);
    case EntryType::local_apic_address:
        controllers.local_apic = {TESSERA_TRY(load<std::uint64_t>(entry, 4))};
        return Done{};
    }
    return Done{}; // processors, NMIs and what later editions add
}

Result<InterruptControllers> read_madt(Bytes table) {
    InterruptControllers controllers;
    controllers.tables = FirmwareTables::intact;
    std::memcpy(controllers.manufacturer.data(), table.data() + header::manufacturer, header::manufacturer_bytes);
    controllers.local_apic = {TESSERA_TRY(load<std::uint32_t>(table, madt::local_apic))};
    controllers.has_8259 = (TESSERA_TRY(load<std::uint32_t>(table, madt::flags)) & madt::has_8259) != 0 ? 1 : 0;
    for (std::size_t offset = madt::entries; offset < table.size();) {
        const auto length = TESSERA_TRY(load<std::uint8_t>(table, offset + 1));
        if (length < madt::entry_header || length > table.size() - offset) return Status::damaged;
        TESSERA_TRY(read_entry(table.subspan(offset, length), controllers));
        offset += length;
    }
    return controllers;
}

Result<InterruptControllers> read_tables(const ReachableMemory& memory, Bytes root_pointer) {
    if (root_pointer.empty()) return Status::no_entry;
    const RootTable all = TESSERA_TRY(root_table(memory, root_pointer));
    return read_madt(TESSERA_TRY(find_madt(memory, all)));
}

} // namespace

Result<Bytes> ReachableMemory::at(PhysicalAddress address, std::uint64_t bytes) const {
    if (address < base_ || address - base_ > bytes_.size()) return Status::damaged;
    const Bytes rest = bytes_.subspan(address - base_);
    if (rest.size() < bytes) return Status::damaged;
    return rest.first(bytes);
}

InterruptControllers read_interrupt_controllers(const ReachableMemory& memory, Bytes root_pointer) {
    const auto controllers = read_tables(memory, root_pointer);
    if (controllers.has_value()) return *controllers;
    InterruptControllers none;
    none.tables = controllers.error() == Status::no_entry ? FirmwareTables::absent : FirmwareTables::damaged;
    return none;
}

} // namespace tessera::boot
