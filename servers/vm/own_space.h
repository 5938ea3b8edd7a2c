// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// VM's own address space, which the boot stage made: read back from its page tables, for those who ask.

#include "servers/protocols/vm.h"
#include "servers/vm/physical_view.h"
#include "servers/vm/region.h"
#include <array>
#include <span>

namespace tessera::vm {

class OwnSpace {
public:
    struct Part {
        AddressRange range;
        PageAccess access = PageAccess::none;
        protocol::vm::RegionKind kind = protocol::vm::RegionKind::information;
    };

    OwnSpace(PhysicalView view, PageEntry root_entry);

    std::span<const Part> parts() const { return std::span(parts_).first(count_); } // ascending
    const Part* ending_above(VirtualAddress address) const;                         // nullptr: none
    std::uint64_t bytes() const;
    std::uint32_t table_pages() const { return tables_; }
    // Of the image, the stack and the boot information. What it only looks at is not its own.
    static std::uint32_t resident_pages(const Part& part);
    std::uint32_t resident_pages() const;

private:
    static constexpr std::size_t limit = 24; // there are seven, and the view has a hole for each hole in memory

    void scan(PhysicalView view, PhysicalAddress table, unsigned level, VirtualAddress base);
    void add(AddressRange range, PageAccess access);

    std::array<Part, limit> parts_{};
    std::size_t count_ = 0;
    std::uint32_t tables_ = 0;
};

} // namespace tessera::vm
