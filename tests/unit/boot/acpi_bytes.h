// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Writes ACPI tables into a piece of memory for tests, right and wrong.

#include "boot/acpi.h"
#include "tests/unit/boot/loader_bytes.h"
#include <string_view>
#include <vector>

namespace tessera::tests {

using Bytes = std::vector<std::byte>;

inline void append(Bytes& to, const Bytes& more) { to.insert(to.end(), more.begin(), more.end()); }

// Makes the bytes add up to 0 by the one at `place`.
inline void balance(Bytes& bytes, std::size_t place, std::size_t count) {
    unsigned sum = 0;
    bytes[place] = std::byte{0};
    for (std::size_t i = 0; i < count; ++i) sum += std::to_integer<unsigned>(bytes[i]);
    bytes[place] = static_cast<std::byte>(0u - sum);
}

// A table with its header; `claimed_length` instead of the right one.
inline Bytes acpi_table(std::string_view signature, const Bytes& contents, std::uint32_t claimed_length = 0) {
    const auto length = static_cast<std::uint32_t>(36 + contents.size());
    Bytes bytes(36);
    std::memcpy(bytes.data(), signature.data(), 4);
    append(bytes, contents);
    std::memcpy(bytes.data() + 4, claimed_length == 0 ? &length : &claimed_length, 4);
    std::memcpy(bytes.data() + 10, "TESTER", 6);
    balance(bytes, 9, bytes.size());
    return bytes;
}

class AcpiMemory {
public:
    static constexpr PhysicalAddress base{0x7fe'0000};

    PhysicalAddress add(const Bytes& table) {
        const PhysicalAddress place = base + bytes_.size();
        append(bytes_, table);
        bytes_.resize((bytes_.size() + 15) & ~std::size_t{15}, std::byte{0xcc});
        return place;
    }
    // An extended root table of these, and its root pointer with nothing in the place of the old one.
    Bytes extended_root(const std::vector<PhysicalAddress>& tables) {
        Bytes entries;
        for (const PhysicalAddress table : tables) append(entries, LoaderBytes::pack(table.value));
        return root_pointer(2, 0, add(acpi_table("XSDT", entries)).value);
    }
    Bytes old_root(const std::vector<PhysicalAddress>& tables) {
        Bytes entries;
        for (const PhysicalAddress table : tables)
            append(entries, LoaderBytes::pack(static_cast<std::uint32_t>(table.value)));
        Bytes pointer = root_pointer(0, static_cast<std::uint32_t>(add(acpi_table("RSDT", entries)).value), 0);
        pointer.resize(20);
        return pointer;
    }
    static Bytes root_pointer(std::uint8_t revision, std::uint32_t table, std::uint64_t extended_table) {
        Bytes pointer(36);
        std::memcpy(pointer.data(), "RSD PTR ", 8);
        pointer[15] = std::byte{revision};
        std::memcpy(pointer.data() + 16, &table, 4);
        pointer[20] = std::byte{36};
        std::memcpy(pointer.data() + 24, &extended_table, 8);
        balance(pointer, 8, 20);
        balance(pointer, 32, 36);
        return pointer;
    }
    boot::ReachableMemory reachable() const { return {base, bytes_}; }
    Bytes& bytes() { return bytes_; }

private:
    Bytes bytes_;
};

// Entries of an MADT.
inline Bytes processor_entry() { return LoaderBytes::pack(std::uint8_t{0}, std::uint8_t{8}, std::uint16_t{0}, 1u); }
inline Bytes io_apic_entry(std::uint8_t id, std::uint32_t address, std::uint32_t first) {
    return LoaderBytes::pack(std::uint8_t{1}, std::uint8_t{12}, id, std::uint8_t{0}, address, first);
}
inline Bytes override_entry(std::uint8_t line, std::uint32_t input, std::uint16_t flags, std::uint8_t bus = 0) {
    return LoaderBytes::pack(std::uint8_t{2}, std::uint8_t{10}, bus, line, input, flags);
}
inline Bytes madt(const std::vector<Bytes>& entries, std::uint32_t flags = 1) {
    Bytes contents = LoaderBytes::pack(0xfee0'0000u, flags);
    for (const Bytes& entry : entries) append(contents, entry);
    return acpi_table("APIC", contents);
}
// As QEMU's and Bochs' firmware writes it.
inline Bytes usual_madt() {
    return madt({processor_entry(), io_apic_entry(1, 0xfec0'0000, 0), override_entry(0, 2, 0),
                 override_entry(5, 5, 0xd), override_entry(9, 9, 0xd), override_entry(10, 10, 0xd),
                 override_entry(11, 11, 0xd)});
}

} // namespace tessera::tests
