// SPDX-License-Identifier: BSD-3-Clause
#include "servers/vm/own_space.h"
#include "kernel/abi/user_layout.h"
#include <cstring>

namespace tessera::vm {
namespace {

using protocol::vm::RegionKind;

constexpr unsigned top_level = 3; // 1 GiB an entry
constexpr unsigned page_level = 1;
constexpr std::size_t entries = 512;

RegionKind kind_of(VirtualAddress address, PageAccess access) {
    if (address < user_layout::anonymous)
        return access == PageAccess::read_execute ? RegionKind::code : RegionKind::data;
    if (address == user_layout::clock) return RegionKind::information;
    if (address >= user_layout::physical_view + user_layout::physical_view_bytes) return RegionKind::stack;
    return RegionKind::information;
}

} // namespace

OwnSpace::OwnSpace(PhysicalView view, PageEntry root_entry) {
    if (root_entry.present()) scan(view, root_entry.address(), top_level, {0});
}

const OwnSpace::Part* OwnSpace::ending_above(VirtualAddress address) const {
    for (const Part& part : parts())
        if (part.range.end > address) return &part;
    return nullptr;
}

std::uint64_t OwnSpace::bytes() const {
    std::uint64_t sum = 0;
    for (const Part& part : parts()) sum += part.range.bytes();
    return sum;
}

std::uint32_t OwnSpace::resident_pages(const Part& part) {
    const bool others = part.range.start >= user_layout::physical_view && part.kind == RegionKind::information;
    return others ? 0 : static_cast<std::uint32_t>(part.range.pages());
}

std::uint32_t OwnSpace::resident_pages() const {
    std::uint32_t sum = 0;
    for (const Part& part : parts()) sum += resident_pages(part);
    return sum;
}

void OwnSpace::scan(PhysicalView view, PhysicalAddress table, unsigned level, VirtualAddress base) {
    ++tables_;
    const std::uint64_t span = page_bytes << (9 * (level - page_level));
    for (std::size_t i = 0; i < entries; ++i) {
        std::uint64_t raw = 0;
        std::memcpy(&raw, view.at(table) + i * sizeof(raw), sizeof(raw));
        const auto entry = PageEntry::from_raw(raw);
        if (!entry.present()) continue;
        const VirtualAddress address = base + i * span;
        if (level == page_level || entry.large())
            add({address, address + span}, entry.access());
        else
            scan(view, entry.address(), level - 1, address);
    }
}

void OwnSpace::add(AddressRange range, PageAccess access) {
    const RegionKind kind = kind_of(range.start, access);
    if (count_ > 0) {
        Part& last = parts_[count_ - 1];
        if (last.range.end == range.start && last.access == access && last.kind == kind) {
            last.range.end = range.end;
            return;
        }
    }
    if (count_ < limit) parts_[count_++] = {range, access, kind};
}

} // namespace tessera::vm
