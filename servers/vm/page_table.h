// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The page tables of one address space, below its root entry: a table of 1 GiB entries, of 2 MiB entries and of pages
// (Intel SDM vol. 3A, figure 4-8). Tables are made when they are needed and go when they are empty.
//
// `Memory` supplies the memory of the tables:
//     PageEntry read(PhysicalAddress table, std::size_t index);
//     void write(PhysicalAddress table, std::size_t index, PageEntry entry);
//     std::size_t next_used(PhysicalAddress table, std::size_t from, std::size_t end);   not empty; `end`: there is
//     none Result<PhysicalAddress> make_table();                      cleared void free_table(PhysicalAddress table);
//     nothing refers to it any more void count_entry(PhysicalAddress table);                   one more entry is in use
//     std::uint32_t uncount_entry(PhysicalAddress table);        one less; how many are left

#include "kernel/abi/result.h"
#include "servers/vm/page_entry.h"
#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>

namespace tessera::vm {

template <class Memory> class PageTable {
public:
    explicit PageTable(Memory& memory) : memory_(memory) {}
    PageTable(const PageTable&) = delete;
    PageTable& operator=(const PageTable&) = delete;

    // Makes the top table. out_of_memory.
    Completion create() {
        top_ = TESSERA_TRY(memory_.make_table());
        return Done{};
    }

    PhysicalAddress top() const { return top_; }

    // Where the entry of a page is.
    struct Place {
        PhysicalAddress table;
        std::size_t slot = 0;

        std::uint64_t left() const { return entries - slot; } // pages to the end of the table
        Place after(std::uint64_t pages) const { return {table, slot + pages}; }
    };

    // nullopt when there is no table for it.
    std::optional<Place> locate(VirtualAddress address) const {
        PhysicalAddress table = top_;
        for (unsigned level = top_level; level > page_level; --level) {
            const PageEntry entry = memory_.read(table, index(address, level));
            if (entry.empty()) return std::nullopt;
            table = entry.address();
        }
        return Place{table, index(address, page_level)};
    }

    // Empty when nothing is there.
    PageEntry find(VirtualAddress address) const {
        const auto place = locate(address);
        return place ? read(*place) : PageEntry{};
    }

    PageEntry read(Place place) const { return memory_.read(place.table, place.slot); }

    // Changes the entry of a page in use; it stays in use.
    void change(Place place, PageEntry page) { memory_.write(place.table, place.slot, page); }

    // Sets the entry of a page, makes the tables on the way. out_of_memory: nothing changed.
    Completion set(VirtualAddress address, PageEntry page) {
        put(TESSERA_TRY(make_place(address)), page);
        return Done{};
    }
    // The two halves of it.
    Result<Place> make_place(VirtualAddress address) {
        return Place{TESSERA_TRY(make_path(address)), index(address, page_level)};
    }
    void put(Place place, PageEntry page) {
        if (read(place).empty()) memory_.count_entry(place.table);
        change(place, page);
    }

    // Sets the entries of many pages: one walk for all that are in the same last table.
    class Filler {
    public:
        explicit Filler(PageTable& table) : table_(table) {}

        // As PageTable::set.
        Completion set(VirtualAddress address, PageEntry page) {
            const std::uint64_t part = address.value / span_of(page_level + 1);
            if (part != part_) {
                last_ = TESSERA_TRY(table_.make_path(address));
                part_ = part;
            }
            table_.put({last_, index(address, page_level)}, page);
            return Done{};
        }

    private:
        PageTable& table_;
        PhysicalAddress last_;
        std::uint64_t part_ = ~std::uint64_t{0};
    };

    // Calls `visitor(VirtualAddress, PageEntry)` for each page in use in the range; the entry becomes what it returns,
    // which must not be empty.
    template <class Visitor> void update(VirtualAddress from, VirtualAddress to, Visitor&& visitor) {
        visit(top_, top_level, {0}, from, to,
              [&](PhysicalAddress table, std::size_t slot, VirtualAddress address, PageEntry entry) {
                  const PageEntry changed = visitor(address, entry);
                  if (changed != entry) memory_.write(table, slot, changed);
              });
    }

    template <class Visitor> void for_each(VirtualAddress from, VirtualAddress to, Visitor&& visitor) const {
        visit(top_, top_level, {0}, from, to,
              [&](PhysicalAddress, std::size_t, VirtualAddress address, PageEntry entry) { visitor(address, entry); });
    }

    // How many pages are in use, from the counts of entries: a look at each table instead of each page. For this
    // `Memory` has `std::uint32_t entries_of(PhysicalAddress table)`, the entries that are counted.
    std::uint32_t pages_in_use() const { return pages_below(top_, top_level); }

    // Calls `visitor(PhysicalAddress table, std::uint32_t entries in use)` for each table.
    template <class Visitor> void for_each_table(Visitor&& visitor) const { visit_tables(top_, top_level, visitor); }

    // Empties the range, frees tables that become empty, and tells `removed(VirtualAddress, PageEntry)` of each page.
    template <class Visitor> void remove(VirtualAddress from, VirtualAddress to, Visitor&& removed) {
        remove_in(top_, top_level, {0}, from, to, removed);
    }

    // Frees the top table. The range of all addresses was removed before.
    void destroy() {
        memory_.free_table(top_);
        top_ = {};
    }

private:
    static constexpr unsigned page_level = 1;
    static constexpr unsigned top_level = 3;
    static constexpr std::size_t entries = 512;

    static constexpr std::uint64_t span_of(unsigned level) { return page_bytes << (9 * (level - page_level)); }
    static constexpr std::size_t index(VirtualAddress address, unsigned level) {
        return address.value / span_of(level) % entries;
    }

    // The last table for the address. Missing ones are made and linked from below, so that one write to a table that
    // was there before makes them all visible.
    Result<PhysicalAddress> make_path(VirtualAddress address) {
        PhysicalAddress table = top_;
        unsigned level = top_level;
        for (; level > page_level; --level) {
            const PageEntry entry = memory_.read(table, index(address, level));
            if (entry.empty()) break;
            table = entry.address();
        }
        if (level == page_level) return table;

        std::array<PhysicalAddress, top_level> made;
        for (unsigned missing = page_level; missing < level; ++missing) {
            const auto next = memory_.make_table();
            if (!next.has_value()) {
                for (unsigned unused = page_level; unused < missing; ++unused) memory_.free_table(made[unused]);
                return next.error();
            }
            made[missing] = *next;
            if (missing > page_level) link(made[missing], index(address, missing), made[missing - 1]);
        }
        link(table, index(address, level), made[level - 1]);
        return made[page_level];
    }

    void link(PhysicalAddress table, std::size_t slot, PhysicalAddress child) {
        memory_.write(table, slot, PageEntry::table(child));
        memory_.count_entry(table);
    }

    // The part of a table that covers a range: its slots [first, last).
    struct Slots {
        std::size_t first;
        std::size_t last;
    };
    static Slots slots(unsigned level, VirtualAddress base, VirtualAddress from, VirtualAddress to) {
        const VirtualAddress start = std::max(base, from);
        const VirtualAddress end = std::min(base + entries * span_of(level), to);
        if (start >= end) return {0, 0};
        return {(start - base) / span_of(level), (end - base + span_of(level) - 1) / span_of(level)};
    }

    template <class Visitor>
    void visit(PhysicalAddress table, unsigned level, VirtualAddress base, VirtualAddress from, VirtualAddress to,
               Visitor&& visitor) const {
        const Slots range = slots(level, base, from, to);
        for (std::size_t slot = memory_.next_used(table, range.first, range.last); slot < range.last;
             slot = memory_.next_used(table, slot + 1, range.last)) {
            const PageEntry entry = memory_.read(table, slot);
            const VirtualAddress address = base + slot * span_of(level);
            if (level == page_level)
                visitor(table, slot, address, entry);
            else
                visit(entry.address(), level - 1, address, from, to, visitor);
        }
    }

    std::uint32_t pages_below(PhysicalAddress table, unsigned level) const {
        if (level == page_level) return memory_.entries_of(table);
        std::uint32_t pages = 0;
        for (std::size_t slot = 0; slot < entries; ++slot) {
            const PageEntry entry = memory_.read(table, slot);
            if (!entry.empty()) pages += pages_below(entry.address(), level - 1);
        }
        return pages;
    }

    template <class Visitor> void visit_tables(PhysicalAddress table, unsigned level, Visitor&& visitor) const {
        std::uint32_t used = 0;
        for (std::size_t slot = 0; slot < entries; ++slot) {
            const PageEntry entry = memory_.read(table, slot);
            if (entry.empty()) continue;
            ++used;
            if (level != page_level) visit_tables(entry.address(), level - 1, visitor);
        }
        visitor(table, used);
    }

    // Whether the table is empty now.
    template <class Visitor>
    bool remove_in(PhysicalAddress table, unsigned level, VirtualAddress base, VirtualAddress from, VirtualAddress to,
                   Visitor&& removed) {
        bool emptied = false;
        const Slots range = slots(level, base, from, to);
        for (std::size_t slot = memory_.next_used(table, range.first, range.last); slot < range.last;
             slot = memory_.next_used(table, slot + 1, range.last)) {
            const PageEntry entry = memory_.read(table, slot);
            const VirtualAddress address = base + slot * span_of(level);
            if (level != page_level && !remove_in(entry.address(), level - 1, address, from, to, removed)) continue;
            memory_.write(table, slot, {}); // before what it referred to is freed
            if (level == page_level)
                removed(address, entry);
            else
                memory_.free_table(entry.address());
            emptied = memory_.uncount_entry(table) == 0;
        }
        return emptied;
    }

    Memory& memory_;
    PhysicalAddress top_;
};

} // namespace tessera::vm
