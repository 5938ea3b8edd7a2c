// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// One entry of a page table. Intel SDM vol. 3A, section 4.5.4, tables 4-15 (PDPTE), 4-19 (PDE), 4-20 (PTE).

#include "kernel/abi/strong.h"
#include <cstddef>
#include <cstdint>

namespace tessera::vm {

// What a process may do with a page. Writable and executable at once cannot be said.
enum class PageAccess : std::uint8_t { none, read, read_write, read_execute };

enum class Caching : std::uint8_t { write_back, uncached };

enum class Access : std::uint8_t { read, write, execute };

constexpr bool permits(PageAccess granted, Access wanted) {
    switch (wanted) {
    case Access::read:
        return granted != PageAccess::none;
    case Access::write:
        return granted == PageAccess::read_write;
    case Access::execute:
        return granted == PageAccess::read_execute;
    }
    return false;
}

// Whether an access allows nothing that the other does not.
constexpr bool within(PageAccess access, PageAccess other) {
    return access == PageAccess::none || access == other || (access == PageAccess::read && other != PageAccess::none);
}

class PageEntry {
public:
    constexpr PageEntry() = default; // maps nothing
    static constexpr PageEntry from_raw(std::uint64_t raw) { return PageEntry(raw); }

    // An entry that refers to a table of the next level. All rights: the last level decides.
    static constexpr PageEntry table(PhysicalAddress address) {
        return PageEntry(address.value | present_bit | writable_bit | user_bit);
    }

    static constexpr PageEntry page(PhysicalAddress frame, PageAccess access, Caching caching) {
        const std::uint64_t memory_type = caching == Caching::uncached ? write_through_bit | cache_disable_bit : 0;
        return PageEntry(frame.value | memory_type | occupied_bit).with_access(access);
    }

    constexpr PageEntry with_access(PageAccess access) const {
        const std::uint64_t kept = raw_ & (address_mask | write_through_bit | cache_disable_bit | occupied_bit);
        switch (access) {
        case PageAccess::none:
            return PageEntry(kept); // keeps its frame
        case PageAccess::read:
            return PageEntry(kept | present_bit | user_bit | execute_disable_bit);
        case PageAccess::read_write:
            return PageEntry(kept | present_bit | user_bit | execute_disable_bit | writable_bit);
        case PageAccess::read_execute:
            return PageEntry(kept | present_bit | user_bit);
        }
        return {};
    }

    // A page that others have too: its process may not write to it yet.
    constexpr PageEntry write_protected() const { return PageEntry(raw_ & ~writable_bit); }

    constexpr PageAccess access() const {
        if (!present()) return PageAccess::none;
        if (writable()) return PageAccess::read_write;
        return executable() ? PageAccess::read_execute : PageAccess::read;
    }

    constexpr std::uint64_t raw() const { return raw_; }
    constexpr bool empty() const { return raw_ == 0; }
    constexpr bool present() const { return (raw_ & present_bit) != 0; }
    constexpr bool writable() const { return (raw_ & writable_bit) != 0; }
    constexpr bool user() const { return (raw_ & user_bit) != 0; }
    constexpr bool executable() const { return (raw_ & execute_disable_bit) == 0; }
    constexpr bool uncached() const { return (raw_ & cache_disable_bit) != 0; }
    constexpr bool large() const { return (raw_ & large_bit) != 0; } // above the last level: a page, not a table
    constexpr PhysicalAddress address() const { return {raw_ & address_mask}; }
    constexpr bool operator==(const PageEntry&) const = default;

private:
    explicit constexpr PageEntry(std::uint64_t raw) : raw_(raw) {}

    static constexpr std::uint64_t present_bit = 1ull << 0;
    static constexpr std::uint64_t writable_bit = 1ull << 1;
    static constexpr std::uint64_t user_bit = 1ull << 2;
    static constexpr std::uint64_t write_through_bit = 1ull << 3;
    static constexpr std::uint64_t cache_disable_bit = 1ull << 4;
    static constexpr std::uint64_t large_bit = 1ull << 7;
    static constexpr std::uint64_t occupied_bit = 1ull << 9; // ours (bits 9..11 are ignored): a page has its frame here
    static constexpr std::uint64_t address_mask = 0x000f'ffff'ffff'f000ull;
    static constexpr std::uint64_t execute_disable_bit = 1ull << 63;

    std::uint64_t raw_ = 0;
};
static_assert(sizeof(PageEntry) == 8);

// The index of the first entry in [from, end) of a table that is not empty, or `end`. Most of most tables is empty:
// four are looked at in one go.
inline std::size_t next_used_entry(const std::byte* table, std::size_t from, std::size_t end) {
    const auto* entries = reinterpret_cast<const std::uint64_t*>(table);
    while (from + 4 <= end && (entries[from] | entries[from + 1] | entries[from + 2] | entries[from + 3]) == 0)
        from += 4;
    while (from < end && entries[from] == 0) ++from;
    return from;
}

} // namespace tessera::vm
