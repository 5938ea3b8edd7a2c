// SPDX-License-Identifier: BSD-3-Clause
#include "boot/first_space.h"
#include "kernel/abi/user_layout.h"
#include "kernel/arch/x86_64/page_entry.h"
#include <cstring>

namespace tessera::boot {

namespace {

using namespace kernel::x86_64::page_bits;

constexpr std::uint64_t table_entry = present | writable | user; // rights are decided in the last level
constexpr std::uint64_t frame_mask = 0x000f'ffff'ffff'f000;

constexpr unsigned shift_of(unsigned level) { return 12 + 9 * level; } // 0: page table, 1: directory, 2: pointers

std::uint64_t bits_of(PageAccess access) {
    switch (access) {
    case PageAccess::read:
        return present | user | no_execute;
    case PageAccess::read_write:
        return present | user | writable | no_execute;
    case PageAccess::read_execute:
        return present | user;
    }
    return 0;
}

PageAccess access_of(SegmentAccess access) {
    switch (access) {
    case SegmentAccess::read:
        return PageAccess::read;
    case SegmentAccess::read_write:
        return PageAccess::read_write;
    case SegmentAccess::read_execute:
        return PageAccess::read_execute;
    }
    return PageAccess::read;
}

} // namespace

Result<PhysicalAddress> FrameSource::take() {
    if (end_ - next_ < page_bytes || next_ >= end_) return Status::out_of_memory;
    const PhysicalAddress frame = next_;
    next_ = next_ + page_bytes;
    std::memset(pointer(frame), 0, page_bytes);
    return frame;
}

Result<FirstSpace> FirstSpace::create(FrameSource& frames) { return FirstSpace{frames, TESSERA_TRY(frames.take())}; }

std::uint64_t FirstSpace::root_entry() const { return directories_.value | table_entry; }

// The entry for an address in the table of a level; tables on the way are made.
Result<std::uint64_t*> FirstSpace::entry(VirtualAddress address, unsigned level) {
    PhysicalAddress table = directories_;
    for (unsigned at = 2;; --at) {
        auto* entries = reinterpret_cast<std::uint64_t*>(frames_.pointer(table));
        std::uint64_t& found = entries[address.value >> shift_of(at) & 511];
        if (at == level) return &found;
        if (found == 0) found = TESSERA_TRY(frames_.take()).value | table_entry;
        table = {found & frame_mask};
    }
}

Completion FirstSpace::map(VirtualAddress address, PhysicalAddress frame, PageAccess access) {
    *TESSERA_TRY(entry(address, 0)) = frame.value | bits_of(access);
    return Done{};
}

Completion FirstSpace::load(std::span<const std::byte> file, const ElfImage& image) {
    for (const ElfSegment& segment : image.segments()) {
        const std::uint64_t lead = segment.address.page_offset();
        for (std::uint64_t page = 0; page < segment.pages(); ++page) {
            const PhysicalAddress frame = TESSERA_TRY(frames_.take());
            TESSERA_TRY(map(segment.first_page() + page * page_bytes, frame, access_of(segment.access)));
            const std::uint64_t begin = page == 0 ? lead : 0;
            const std::uint64_t done = page * page_bytes + begin - lead; // bytes of the segment before this page
            if (done >= segment.file_bytes) continue;
            const std::uint64_t rest = segment.file_bytes - done, room = page_bytes - begin;
            std::memcpy(frames_.pointer(frame) + begin, file.data() + segment.file_offset + done,
                        rest < room ? rest : room);
        }
    }
    return Done{};
}

Completion FirstSpace::map_stack() {
    for (std::uint64_t offset = page_bytes; offset <= stack_bytes; offset += page_bytes) {
        const PhysicalAddress frame = TESSERA_TRY(frames_.take());
        TESSERA_TRY(map(user_layout::stack_end - offset, frame, PageAccess::read_write));
    }
    return Done{};
}

Completion FirstSpace::map_view(std::span<const MemoryRange> ranges) {
    for (const MemoryRange& range : ranges) {
        if (range.kind == MemoryKind::kernel || range.kind == MemoryKind::reserved) continue;
        const std::uint64_t first = range.base.value / large_page_bytes * large_page_bytes;
        for (std::uint64_t base = first; base < range.base.value + range.bytes; base += large_page_bytes)
            *TESSERA_TRY(entry(user_layout::physical_view + base, 1)) = base | bits_of(PageAccess::read_write) | large;
    }
    return Done{};
}

} // namespace tessera::boot
