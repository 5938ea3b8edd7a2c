// SPDX-License-Identifier: BSD-3-Clause
#include "boot/first_space.h"
#include "kernel/abi/user_layout.h"
#include "tests/unit/boot/elf_bytes.h"
#include "tests/unit/boot/fake_memory.h"
#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

using namespace tessera;
using boot::FirstSpace;
using boot::FrameSource;
using boot::PageAccess;
using tests::FakeMemory;
using tests::Mapping;

namespace {

constexpr std::uint64_t mib = 1024 * 1024;
const std::array view_ranges{MemoryRange{{0x1000}, 2 * mib - 0x1000, MemoryKind::free, 0},
                             MemoryRange{{2 * mib}, 4 * mib, MemoryKind::kernel, 0},
                             MemoryRange{{6 * mib}, 3 * mib, MemoryKind::boot_archive, 0},
                             MemoryRange{{9 * mib}, 0x5000, MemoryKind::vm_image, 0},
                             MemoryRange{{9 * mib + 0x5000}, 22 * mib, MemoryKind::free, 0},
                             MemoryRange{{4096 * mib}, 3 * mib, MemoryKind::free, 0},
                             MemoryRange{{65536 * mib - 0x1000}, 0x1000, MemoryKind::free, 0}};

// The program of these tests: file and image.
struct Program {
    std::vector<std::byte> file = tests::elf_bytes({}, tests::usual_segments());
    boot::ElfImage image = boot::ElfImage::open(std::span(file).first(boot::ElfImage::head_bytes), file.size()).value();
};

// Everything that boot_main puts into VM's space.
Completion build(FrameSource& frames, const Program& program, std::uint64_t& root_entry) {
    FirstSpace space = TESSERA_TRY(FirstSpace::create(frames));
    TESSERA_TRY(space.load(program.file, program.image));
    TESSERA_TRY(space.map_stack());
    TESSERA_TRY(space.map_view(view_ranges));
    const PhysicalAddress boot_info = TESSERA_TRY(frames.take());
    TESSERA_TRY(space.map(user_layout::boot_info, boot_info, PageAccess::read));
    root_entry = space.root_entry();
    return Done{};
}

struct Built {
    FakeMemory memory{128};
    Program program;
    FrameSource frames = memory.frames();
    std::uint64_t root_entry = 0;
    std::vector<Mapping> all;

    Built() {
        REQUIRE(build(frames, program, root_entry).has_value());
        all = tests::mappings(memory, root_entry);
    }
    std::vector<Mapping> between(std::uint64_t begin, std::uint64_t end) const {
        std::vector<Mapping> found;
        for (const Mapping& mapping : all)
            if (mapping.address < end && mapping.address + mapping.bytes > begin) found.push_back(mapping);
        return found;
    }
};

} // namespace

TEST_CASE("frames come zeroed, upwards, each once, until there are no more") {
    FakeMemory memory{3};
    FrameSource frames = memory.frames();
    for (std::uint64_t i = 0; i < 3; ++i) {
        CHECK(frames.next() == FakeMemory::base + i * page_bytes);
        const PhysicalAddress frame = frames.take().value();
        CHECK(frame == FakeMemory::base + i * page_bytes);
        CHECK(std::ranges::all_of(memory.page(frame), [](std::byte byte) { return byte == std::byte{0}; }));
    }
    CHECK(frames.take().status() == Status::out_of_memory);
    CHECK(frames.take().status() == Status::out_of_memory);
}

TEST_CASE("less than a frame, and a piece that ends before it begins, give nothing") {
    FakeMemory memory{2};
    const PhysicalAddress base = FakeMemory::base;
    FrameSource part{base, base + page_bytes - 1, FakeMemory::pointer};
    CHECK(part.take().status() == Status::out_of_memory);
    FrameSource backwards{base + page_bytes, base, FakeMemory::pointer};
    CHECK(backwards.take().status() == Status::out_of_memory);
    FrameSource none{base, base, FakeMemory::pointer};
    CHECK(none.take().status() == Status::out_of_memory);
}

TEST_CASE("no page of VM is writable and executable, and all are for user mode") {
    const Built built;
    REQUIRE(built.all.size() > 20);
    for (const Mapping& mapping : built.all) {
        INFO(std::hex << mapping.address);
        CHECK(mapping.user);
        CHECK_FALSE((mapping.writable && mapping.executable));
        CHECK(mapping.address + mapping.bytes <= user_layout::end.value);
    }
}

TEST_CASE("VM's image is mapped as its segments say, with their contents and zeros around them") {
    const Built built;
    for (const boot::ElfSegment& segment : built.program.image.segments()) {
        const auto pages = built.between(segment.first_page().value, segment.end_page().value);
        REQUIRE(pages.size() == segment.pages());
        for (const Mapping& page : pages) {
            CHECK(page.bytes == page_bytes);
            CHECK(page.writable == (segment.access == boot::SegmentAccess::read_write));
            CHECK(page.executable == (segment.access == boot::SegmentAccess::read_execute));
            const auto bytes = built.memory.page(page.frame);
            for (std::uint64_t offset = 0; offset < page_bytes; ++offset) {
                const std::uint64_t place = page.address + offset - segment.address.value; // wraps before the segment
                const std::byte expected =
                    place < segment.file_bytes ? built.program.file[segment.file_offset + place] : std::byte{0};
                if (bytes[offset] != expected) FAIL("wrong byte at " << std::hex << page.address + offset);
            }
        }
    }
}

TEST_CASE("nothing is mapped but image, stack, boot information and view") {
    const Built built;
    std::size_t expected = FirstSpace::stack_bytes / page_bytes + 1;
    for (const auto& segment : built.program.image.segments()) expected += segment.pages();
    CHECK(std::ranges::count(built.all, page_bytes, &Mapping::bytes) == static_cast<std::ptrdiff_t>(expected));
    CHECK(built.between(0, boot::ElfImage::lowest.value).empty());
    for (const Mapping& mapping : built.all)
        if (mapping.bytes != page_bytes) CHECK(mapping.address >= user_layout::physical_view.value);
}

TEST_CASE("VM's stack is sixteen zeroed pages below the stack's end, with a hole under them") {
    const Built built;
    const std::uint64_t end = user_layout::stack_end.value, begin = end - FirstSpace::stack_bytes;
    const auto pages = built.between(begin, end);
    REQUIRE(pages.size() == 16);
    CHECK(pages.front().address == begin);
    CHECK(pages.back().address == end - page_bytes);
    for (const Mapping& page : pages) {
        CHECK(page.writable);
        CHECK_FALSE(page.executable);
        CHECK(std::ranges::all_of(built.memory.page(page.frame), [](std::byte byte) { return byte == std::byte{0}; }));
    }
    CHECK(built.between(begin - page_bytes, begin).empty());
    CHECK(built.between(end, end + page_bytes).empty());
}

TEST_CASE("the boot information is one read-only page") {
    const Built built;
    const auto pages = built.between(user_layout::boot_info.value, user_layout::physical_view.value);
    REQUIRE(pages.size() == 1);
    CHECK(pages[0].address == user_layout::boot_info.value);
    CHECK_FALSE(pages[0].writable);
    CHECK_FALSE(pages[0].executable);
}

TEST_CASE("no two pages share a frame, and none is a page table") {
    const Built built;
    std::set<std::uint64_t> frames;
    std::size_t small = 0;
    for (const Mapping& mapping : built.all) {
        if (mapping.bytes != page_bytes) continue; // of the view
        ++small;
        frames.insert(mapping.frame.value);
    }
    CHECK(frames.size() == small);
    const std::uint64_t taken = (built.frames.next() - FakeMemory::base) / page_bytes;
    CHECK(taken > small); // the tables are others
    const PhysicalAddress directories{built.root_entry & ~0xfffull};
    CHECK_FALSE(frames.contains(directories.value));
}

TEST_CASE("the view shows all RAM at its address, in large pages without execution, but not the kernel's") {
    const Built built;
    const std::uint64_t view = user_layout::physical_view.value;
    for (const MemoryRange& range : view_ranges) {
        const std::uint64_t begin = view + range.base.value;
        const auto pages = built.between(begin, begin + range.bytes);
        if (range.kind == MemoryKind::kernel) {
            CHECK(pages.empty());
            continue;
        }
        std::uint64_t shown = begin;
        for (const Mapping& page : pages) {
            CHECK(page.bytes == large_page_bytes);
            CHECK(page.address == view + page.frame.value);
            CHECK(page.writable);
            CHECK_FALSE(page.executable);
            CHECK(page.address <= shown);
            shown = page.address + page.bytes;
        }
        CHECK(shown >= begin + range.bytes);
    }
    // And nothing that is far from all RAM.
    CHECK(built.between(view + 64 * mib, view + 4096 * mib).empty());
    CHECK(
        built.between(view + user_layout::physical_view_bytes, user_layout::stack_end.value - 16 * page_bytes).empty());
}

TEST_CASE("reserved memory is not in the view") {
    FakeMemory memory{16};
    FrameSource frames = memory.frames();
    FirstSpace space = FirstSpace::create(frames).value();
    const std::array ranges{MemoryRange{{0}, 64 * mib, MemoryKind::reserved, 0}};
    CHECK(space.map_view(ranges).has_value());
    CHECK(tests::mappings(memory, space.root_entry()).empty());
}

TEST_CASE("wherever memory runs out, that is told, and nothing is written outside of it") {
    const Program program;
    std::uint64_t needed = 0;
    {
        FakeMemory memory{128};
        FrameSource frames = memory.frames();
        std::uint64_t root_entry = 0;
        REQUIRE(build(frames, program, root_entry).has_value());
        needed = (frames.next() - FakeMemory::base) / page_bytes;
    }
    for (std::uint64_t count = 0; count <= needed; ++count) {
        FakeMemory memory{count}; // pointer() throws for an address outside of it
        FrameSource frames = memory.frames();
        std::uint64_t root_entry = 0;
        CHECK(build(frames, program, root_entry).status() == (count < needed ? Status::out_of_memory : Status::ok));
    }
}
