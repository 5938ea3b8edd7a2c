// SPDX-License-Identifier: BSD-3-Clause
#include "servers/vm/overlap_check.h"
#include "kernel/abi/user_layout.h"
#include "servers/vm/page_entry.h"
#include <algorithm>

namespace tessera::vm {
namespace {

PageUse use_of(MemoryKind kind) {
    switch (kind) {
    case MemoryKind::kernel:
        return PageUse::kernel;
    case MemoryKind::boot_archive:
        return PageUse::boot_archive;
    case MemoryKind::vm_image:
        return PageUse::vm_image;
    case MemoryKind::free:
    case MemoryKind::reserved:
        break;
    }
    return PageUse::none;
}

// VM keeps the boot archive by a reference: processes have pages of it.
std::uint32_t references_of(MemoryKind kind) { return kind == MemoryKind::boot_archive ? 1 : 0; }

// What the record of a page with a use says. The pages of processes are of two kinds in the records.
bool agree(PageUse use, FrameUse recorded) {
    switch (use) {
    case PageUse::check_table:
    case PageUse::slab:
    case PageUse::vm_page_table:
        return recorded == FrameUse::vm_own;
    case PageUse::root_entries:
    case PageUse::page_table:
        return recorded == FrameUse::page_table;
    case PageUse::boot_archive:
        return recorded == FrameUse::archive;
    case PageUse::process_page:
        return recorded == FrameUse::process || recorded == FrameUse::preserved;
    case PageUse::contiguous:
    case PageUse::left_behind:
        return recorded == FrameUse::preserved;
    default:
        return recorded == FrameUse::none;
    }
}

// Between the uses of a page and its record.
ProblemKind difference(const PageUses::Note& note, std::uint32_t references, FrameUse recorded) {
    if (note.page_use() == PageUse::none) return ProblemKind::leaked;
    if (std::min(references, PageUses::most_references) != note.references) return ProblemKind::wrong_references;
    return agree(note.page_use(), recorded) ? ProblemKind::none : ProblemKind::wrong_use;
}

constexpr std::size_t table_entries = 512;
constexpr unsigned top_level = 3;

} // namespace

std::uint64_t OverlapCheck::pages_of(const BootInfo& boot_info) {
    PhysicalAddress end;
    for (const MemoryRange& range : std::span(boot_info.ranges).first(boot_info.range_count))
        if (range.kind != MemoryKind::reserved) end = std::max(end, range.base + range.bytes);
    return std::min(end.value, user_layout::physical_view_bytes) / page_bytes;
}

void OverlapCheck::run() {
    collect_boot_ranges();
    collect_own();
    collect_slabs();
    collect_contiguous();
    collect_shared();
    parts_.spaces.for_each([&](const ProcessMemory& memory) { collect_space(memory.space); });
    collect_free();
    compare_with_records();
    compare_sums();
}

void OverlapCheck::collect_range(PhysicalAddress base, std::uint64_t pages, PageUse use, std::uint32_t references,
                                 PageUses::Place place) {
    for (std::uint64_t i = 0; i < pages; ++i) uses_.add(base + i * page_bytes, use, references, endpoints::none, place);
}

void OverlapCheck::collect_boot_ranges() {
    for (const MemoryRange& range : ranges()) {
        if (use_of(range.kind) == PageUse::none || range.base.value >= user_layout::physical_view_bytes) continue;
        collect_range(range.base, range.bytes / page_bytes, use_of(range.kind), references_of(range.kind));
    }
}

void OverlapCheck::collect_own() {
    parts_.frames.for_each_record_frame([&](PhysicalAddress frame) { uses_.add(frame, PageUse::frame_records, 0); });
    uses_.add(parts_.spaces.root_entries(), PageUse::root_entries, 1);
    const auto root = PageEntry::from_raw(parts_.boot_info.vm_root_entry);
    if (root.present()) collect_own_tables(root.address(), top_level);
}

// Those that the boot stage made are of VM's image.
void OverlapCheck::collect_own_tables(PhysicalAddress table, unsigned level) {
    if (uses_.covers(table) && uses_.note(table).page_use() != PageUse::vm_image)
        uses_.add(table, PageUse::vm_page_table, 1);
    if (level == 1) return;
    for (std::size_t i = 0; i < table_entries; ++i) {
        const auto entry =
            PageEntry::from_raw(reinterpret_cast<const std::uint64_t*>(parts_.frames.view().at(table))[i]);
        if (entry.present() && !entry.large()) collect_own_tables(entry.address(), level - 1);
    }
}

void OverlapCheck::collect_slabs() {
    for (const SlabCore* slab = parts_.slabs.first_slab(); slab != nullptr; slab = slab->next_slab())
        slab->for_each_page(
            [&](const std::byte* page) { uses_.add(parts_.frames.view().address_of(page), PageUse::slab, 1); });
}

// Buffers that a driver maps while it runs are pages of its space.
void OverlapCheck::collect_contiguous() {
    parts_.spaces.for_each([&](const ProcessMemory& memory) {
        if (memory.contiguous) collect_range(memory.contiguous->base, memory.contiguous->pages, PageUse::contiguous, 1);
    });
    parts_.spaces.contiguous_pool().for_each_left(
        [&](const ContiguousBlock& block) { collect_range(block.base, block.pages, PageUse::left_behind, 1); });
}

// An object has its frames beside the spaces that have them.
void OverlapCheck::collect_shared() {
    parts_.shared.for_each([&](const SharedObject& object) {
        object.table().for_each_table([&](PhysicalAddress table, std::uint32_t entries) {
            uses_.add(table, PageUse::page_table, 1 + entries, object.maker());
        });
        object.for_each_frame(
            [&](PhysicalAddress frame) { uses_.add(frame, PageUse::process_page, 1, object.maker()); });
    });
}

void OverlapCheck::collect_space(const Space& space) {
    space.table().for_each_table([&](PhysicalAddress table, std::uint32_t entries) {
        uses_.add(table, PageUse::page_table, 1 + entries, space.owner());
    });
    for (const Region* region = space.regions().ending_above({0}); region != nullptr;
         region = RegionMap::next(*region)) {
        if (region->type->keeper() != MemoryType::Keeper::references) continue;
        space.table().for_each(region->range.start, region->range.end, [&](VirtualAddress, PageEntry entry) {
            uses_.add(entry.address(), PageUse::process_page, 1, space.owner());
        });
    }
}

void OverlapCheck::collect_free() {
    const auto& ranges = parts_.frames.free_list().ranges();
    for (const FreeRange* range = ranges.first(); range != nullptr; range = ranges.next(*range)) {
        collect_range(range->base, range->pages, PageUse::free, 0);
        free_ += range->pages;
    }
}

void OverlapCheck::compare_with_records() {
    for (const MemoryRange& range : ranges()) {
        if (range.kind == MemoryKind::reserved) continue;
        for (std::uint64_t offset = 0; offset < range.bytes; offset += page_bytes)
            if (uses_.covers(range.base + offset)) compare_page(range.base + offset);
    }
}

void OverlapCheck::compare_page(PhysicalAddress page) {
    const PageUses::Note note = uses_.note(page);
    const bool recorded = parts_.frames.has_record(page);
    const std::uint32_t references = recorded ? parts_.frames.references(page) : 0;
    const FrameUse frame_use = recorded ? parts_.frames.use_of(page) : FrameUse::none;
    ++by_frame_use_[static_cast<std::size_t>(frame_use)];
    const ProblemKind kind = difference(note, references, frame_use);
    if (kind != ProblemKind::none) [[unlikely]]
        findings_.add({.kind = kind,
                       .address = page.value,
                       .first = note.page_use(),
                       .owner = note.owner,
                       .expected = references,
                       .found = note.references,
                       .first_place = uses_.place_of(note.page_use())});
}

void OverlapCheck::compare_sums() {
    const auto compare = [&](std::string_view name, std::uint64_t expected, std::uint64_t found) {
        if (expected != found)
            findings_.add({.kind = ProblemKind::wrong_count, .name = name, .expected = expected, .found = found});
    };
    constexpr std::array<std::string_view, frame_use_count> names{"pages of no use", "pages of page tables",
                                                                  "pages of VM",     "pages of processes",
                                                                  "preserved pages", "pages of the boot archive"};
    for (std::size_t i = 1; i < frame_use_count; ++i) {
        const auto use = static_cast<FrameUse>(i);
        const bool handed_out = use != FrameUse::archive;
        compare(names[i], handed_out ? parts_.frames.in_use(use) : parts_.frames.counts().archive, by_frame_use_[i]);
    }
    compare("free pages", parts_.frames.free_list().free_pages(), free_);
}

} // namespace tessera::vm
