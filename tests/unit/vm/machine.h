// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// All of VM but its composition root, on a machine of a few MiB.

#include "kernel/abi/boot_info.h"
#include "servers/vm/checked_service.h"
#include "servers/vm/own_pages.h"
#include "servers/vm/own_view.h"
#include "servers/vm/service.h"
#include "tests/unit/boot/archive_bytes.h"
#include "tests/unit/vm/fake_kernel.h"
#include "tests/unit/vm/fake_paging.h"
#include "tests/unit/vm/memory_arena.h"
#include <stdexcept>

namespace tessera::tests {

class FixedRandom final : public vm::RandomSource {
public:
    vm::RandomSeed seed() override {
        vm::RandomSeed seed;
        seed.fill(std::byte{0x5e});
        return seed;
    }
};

inline constexpr std::uint64_t archive_pages = 16;

// Pages 1..: free but for the boot archive, the kernel and VM at the lower end.
inline BootInfo small_machine(std::uint64_t pages) {
    constexpr auto range = [](std::uint64_t first, std::uint64_t count, MemoryKind kind) {
        return MemoryRange{.base = {first * page_bytes}, .bytes = count * page_bytes, .kind = kind};
    };
    BootInfo info;
    info.ranges[0] = range(0, 1, MemoryKind::reserved);
    info.ranges[1] = range(1, 16, MemoryKind::vm_image);
    info.ranges[2] = range(17, 8, MemoryKind::kernel);
    info.ranges[3] = range(25, archive_pages, MemoryKind::boot_archive);
    info.ranges[4] = range(41, pages - 41, MemoryKind::free);
    info.range_count = 5;
    info.clock_page = info.ranges[2].base;
    info.archive = info.ranges[3].base;
    info.archive_bytes = archive_pages * page_bytes - 100;
    info.vm_root_entry = vm::PageEntry::table({page_bytes}).raw();
    return info;
}

// The address space that the boot stage made for VM, in pages 1 to 8: an image of four pages, the boot information, a
// view of two large pages and the clock page.
inline MemoryArena memory_with_vm_space(std::uint64_t pages) {
    MemoryArena arena(pages);
    using vm::PageAccess;
    constexpr auto page = [](std::uint64_t number) { return PhysicalAddress{number * page_bytes}; };
    for (std::uint64_t i = 1; i < 10; ++i) arena.view().clear_page(page(i));
    const auto set = [&](std::uint64_t table, std::size_t index, std::uint64_t raw) {
        std::memcpy(arena.view().at(page(table)) + index * sizeof(raw), &raw, sizeof(raw));
    };
    const auto table = [&](std::uint64_t number) { return vm::PageEntry::table(page(number)).raw(); };
    const auto leaf = [&](PageAccess access) {
        return vm::PageEntry::page(page(12), access, vm::Caching::write_back).raw();
    };
    constexpr std::uint64_t large = 1 << 7;
    set(1, 0, table(2));
    set(2, 2, table(3)); // 4 MiB
    set(3, 0, leaf(PageAccess::read));
    set(3, 1, leaf(PageAccess::read_execute));
    set(3, 2, leaf(PageAccess::read_execute));
    set(3, 3, leaf(PageAccess::read_write));
    set(1, 252, table(4)); // user_layout::boot_info
    set(4, 0, table(5));
    set(5, 0, leaf(PageAccess::read));
    set(1, 256, table(6)); // user_layout::physical_view
    for (const std::uint64_t i : {0, 1})
        set(6, i,
            vm::PageEntry::page({i * large_page_bytes}, PageAccess::read_write, vm::Caching::write_back).raw() | large);
    set(1, 511, table(7)); // user_layout::clock
    set(7, 511, table(8));
    set(8, 504, leaf(PageAccess::read));
    return arena;
}

inline MemoryArena first_memory(std::uint64_t pages, const BootInfo& boot_info, const ArchiveBytes& files) {
    MemoryArena arena = memory_with_vm_space(pages);
    const auto archive = files.finish();
    if (archive.size() > archive_pages * page_bytes) throw std::length_error("files for a larger machine");
    std::memcpy(arena.view().at(boot_info.archive), archive.data(), archive.size());
    return arena;
}

struct Machine {
    using SanityLevel = vm::SanityLevel;

    explicit Machine(std::uint64_t pages = 1024, const ArchiveBytes& files = {}, SanityLevel level = SanityLevel::none)
        : boot_info(small_machine(pages)),
          arena(first_memory(pages, boot_info, files)),
          own_pages(frames, level >= SanityLevel::functions ? &own_view : nullptr),
          checker(parts, frames, own_pages, kernel, level) {
        kernel.on_own_flush = [this] { paging.flush(); };
    }

    // What the processor finds at an address of a process, or an empty entry.
    vm::PageEntry translate(Endpoint process, VirtualAddress address) const {
        PhysicalAddress table = kernel.root_entries;
        vm::PageEntry entry;
        for (const std::uint64_t index :
             {std::uint64_t{process.slot()}, address.value >> 30, address.value >> 21, address.value >> 12}) {
            std::uint64_t raw = 0;
            std::memcpy(&raw, frames.view().at(table) + index % 512 * sizeof(raw), sizeof(raw));
            entry = vm::PageEntry::from_raw(raw);
            if (!entry.present()) return {};
            table = entry.address();
        }
        return entry;
    }
    std::byte* memory_of(Endpoint process, VirtualAddress address) const {
        return frames.view().at(translate(process, address).address()) + address.page_offset();
    }
    bool counts_are_exact() const {
        const auto c = frames.counts();
        return c.kernel + c.archive + c.page_tables + c.vm_own + c.process + c.preserved + c.free == c.total;
    }

    BootInfo boot_info;
    MemoryArena arena;
    vm::FrameAllocator frames{arena.view(), std::span(boot_info.ranges).first(boot_info.range_count)};
    FakePaging paging{arena.view(), arena.pages(), vm::PageEntry::from_raw(boot_info.vm_root_entry)};
    FakeKernel kernel;
    vm::OwnView own_view{frames, kernel, vm::PageEntry::from_raw(boot_info.vm_root_entry)};
    vm::OwnPages own_pages;
    vm::Slab<vm::Region> regions{own_pages, vm::region_slab_name};
    vm::SharedObjects shared{frames, own_pages};
    vm::GrantedMaps maps{frames, own_pages};
    vm::MemoryTypes types{frames, shared};
    FixedRandom random;
    vm::SpaceEnvironment environment{
        .frames = frames, .kernel = kernel, .types = types, .regions = regions, .shared = shared, .maps = maps};
    vm::Spaces spaces{environment, own_pages, vm::PageEntry::from_raw(boot_info.vm_root_entry), boot_info.clock_page};
    vm::Programs programs{arena.view(), boot_info};
    vm::Service service{environment, spaces, programs, random, boot_info};
    vm::CheckedParts parts{.frames = frames,
                           .spaces = spaces,
                           .shared = shared,
                           .maps = maps,
                           .slabs = own_pages,
                           .regions = regions.core(),
                           .boot_info = boot_info};
    vm::Checker checker;
    vm::CheckedService checked_service{service, checker, environment, spaces};
};

} // namespace tessera::tests
