// SPDX-License-Identifier: BSD-3-Clause
#include "servers/vm/own_view.h"
#include "kernel/abi/user_layout.h"
#include "servers/vm/text_line.h"

namespace tessera::vm {
namespace {

constexpr std::size_t entries = 512;

volatile std::uint64_t& entry_in(PhysicalView view, PhysicalAddress table, std::uint64_t number) {
    return reinterpret_cast<volatile std::uint64_t*>(view.at(table))[number % entries];
}

} // namespace

Completion OwnView::admit(const std::byte* page, std::string_view owner) {
    volatile std::uint64_t& entry = directory_entry(frames_.view().address_of(page));
    if (PageEntry::from_raw(entry).large()) TESSERA_TRY(split(entry));
    TextLine line;
    line << "slab " << owner << ": page at " << Hexadecimal{reinterpret_cast<std::uint64_t>(page)};
    kernel_.log(LogLevel::debug, line.view());
    return Done{};
}

// Of 2 MiB in the view: where the address of a table of pages is, or the large page itself.
volatile std::uint64_t& OwnView::directory_entry(PhysicalAddress page) const {
    const VirtualAddress address = user_layout::physical_view + page.value;
    const auto directories =
        PageEntry::from_raw(entry_in(frames_.view(), root_entry_.address(), address.value / user_layout::gib));
    return entry_in(frames_.view(), directories.address(), address.value / large_page_bytes);
}

// The processor may know the large page and the small ones at once; they are the same but for what `set_access`
// changes, which flushes.
Completion OwnView::split(volatile std::uint64_t& entry) {
    const PhysicalAddress table = TESSERA_TRY(frames_.allocate(FrameUse::vm_own));
    const auto large = PageEntry::from_raw(entry);
    for (std::size_t i = 0; i < entries; ++i)
        entry_in(frames_.view(), table, i) =
            PageEntry::page(large.address() + i * page_bytes, large.access(), Caching::write_back).raw();
    entry = PageEntry::table(table).raw();
    return Done{};
}

void OwnView::set_access(const std::byte* page, PageAccess access) {
    const PhysicalAddress frame = frames_.view().address_of(page);
    const auto table = PageEntry::from_raw(directory_entry(frame));
    volatile std::uint64_t& entry = entry_in(frames_.view(), table.address(), frame.value / page_bytes);
    entry = PageEntry::from_raw(entry).with_access(access).raw();
    kernel_.space_flush(endpoints::vm);
}

} // namespace tessera::vm
