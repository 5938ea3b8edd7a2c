// SPDX-License-Identifier: BSD-3-Clause
#include "servers/vm/frame_allocator.h"
#include "kernel/abi/user_layout.h"
#include "servers/vm/fatal.h"
#include <algorithm>

namespace tessera::vm {

FrameAllocator::FrameAllocator(PhysicalView view, std::span<const MemoryRange> ranges) : view_(view), free_list_(view) {
    PhysicalAddress limit;
    for (const MemoryRange& range : ranges) {
        if (range.base.value >= user_layout::physical_view_bytes) break;
        const std::uint64_t bytes = std::min(range.bytes, user_layout::physical_view_bytes - range.base.value);
        const std::uint64_t pages = bytes / page_bytes;
        if (range.kind != MemoryKind::reserved) fixed_.total += pages;
        switch (range.kind) {
        case MemoryKind::free:
            free_list_.give(range.base, pages);
            limit = range.base + pages * page_bytes;
            break;
        case MemoryKind::kernel:
            fixed_.kernel += pages;
            break;
        case MemoryKind::boot_archive:
            fixed_.archive += pages;
            limit = range.base + pages * page_bytes;
            break;
        case MemoryKind::vm_image:
            fixed_.vm_own += pages;
            break;
        case MemoryKind::reserved:
            break;
        }
    }
    make_records(limit);
    keep_archive(ranges);
}

void FrameAllocator::make_records(PhysicalAddress limit) {
    const std::uint64_t count = number_of(limit);
    const std::uint64_t pages = pages_for(count * sizeof(Record));
    const auto place = free_list_.take_high(pages);
    if (!place) fatal("too little memory for the frame records");
    std::memset(view_.at(*place), 0, pages * page_bytes);
    records_ = {reinterpret_cast<Record*>(view_.at(*place)), count};
    fixed_.vm_own += pages;
}

// VM itself has one reference to each page of it.
void FrameAllocator::keep_archive(std::span<const MemoryRange> ranges) {
    constexpr Record archive_page{
        .references = 1, .maps_or_next = 0, .use = static_cast<std::uint32_t>(FrameUse::archive)};
    for (const MemoryRange& range : ranges)
        for (std::uint64_t offset = 0; range.kind == MemoryKind::boot_archive && offset < range.bytes;
             offset += page_bytes)
            record(range.base + offset) = archive_page;
}

Result<PhysicalAddress> FrameAllocator::allocate(FrameUse use) {
    if (failures_.next() || !available(1, use)) return Status::out_of_memory;
    const auto frame = free_list_.take_high(1);
    if (!frame) return Status::out_of_memory;
    hand_out(*frame, 1, use);
    return *frame;
}

Result<PhysicalAddress> FrameAllocator::allocate_cleared(FrameUse use) {
    auto frame = allocate(use);
    if (frame.has_value()) view_.clear_page(*frame);
    return frame;
}

Completion FrameAllocator::promise(std::uint64_t frames) {
    if (failures_.next() || !available(frames, FrameUse::process)) return Status::out_of_memory;
    return Done{};
}

PhysicalAddress FrameAllocator::allocate_promised(FrameUse use) {
    const auto frame = free_list_.take_high(1);
    if (!frame) fatal("a promised frame is not there");
    hand_out(*frame, 1, use);
    return *frame;
}

Result<PhysicalAddress> FrameAllocator::allocate_contiguous(const ContiguousRequest& request, FrameUse use) {
    if (failures_.next() || !available(request.pages, use)) return Status::out_of_memory;
    const auto base = free_list_.take_low(request.pages, request.alignment, request.limit);
    if (!base) return Status::out_of_memory;
    hand_out(*base, request.pages, use);
    std::memset(view_.at(*base), 0, request.pages * page_bytes);
    return *base;
}

void FrameAllocator::release(PhysicalAddress frame) {
    Record& entry = record(frame);
    if (entry.references == 0) fatal("frame released too often");
    if (--entry.references == 0) take_back(frame);
}

void FrameAllocator::condemn(PhysicalAddress frame, CondemnedFrames& condemned) {
    Record& entry = record(frame);
    if (entry.references == 0) fatal("frame released too often");
    if (entry.references > 1) { // it has another user: not to be freed, so nothing to wait for
        --entry.references;
        return;
    }
    entry.maps_or_next = condemned.first_;
    condemned.first_ = static_cast<std::uint32_t>(number_of(frame));
    ++condemned.count_;
}

void FrameAllocator::free(CondemnedFrames& condemned) {
    for (; condemned.count_ > 0; --condemned.count_) {
        const PhysicalAddress frame{condemned.first_ * page_bytes};
        condemned.first_ = record(frame).maps_or_next;
        release(frame);
    }
}

MemoryCounts FrameAllocator::counts() const {
    const auto in_use = [this](FrameUse use) { return in_use_[static_cast<std::size_t>(use)]; };
    MemoryCounts counts = fixed_;
    counts.free = free_list_.free_pages();
    counts.largest_free_block = free_list_.largest();
    counts.page_tables = in_use(FrameUse::page_table);
    counts.vm_own += in_use(FrameUse::vm_own);
    counts.process = in_use(FrameUse::process);
    counts.preserved = in_use(FrameUse::preserved);
    return counts;
}

void FrameAllocator::no_such_frame() { fatal("no such frame"); }

bool FrameAllocator::available(std::uint64_t pages, FrameUse use) const {
    const std::uint64_t kept = use == FrameUse::vm_own ? 0 : reserve_pages;
    return free_list_.free_pages() >= kept && pages <= free_list_.free_pages() - kept;
}

void FrameAllocator::hand_out(PhysicalAddress base, std::uint64_t pages, FrameUse use) {
    for (std::uint64_t i = 0; i < pages; ++i) {
        Record& entry = record(base + i * page_bytes);
        if (entry.references != 0) fatal("frame handed out twice");
        entry = {.references = 1, .maps_or_next = 0, .use = static_cast<std::uint32_t>(use)};
    }
    in_use_[static_cast<std::size_t>(use)] += pages;
}

void FrameAllocator::take_back(PhysicalAddress frame) {
    Record& entry = record(frame);
    --in_use_[entry.use];
    entry = {};
    free_list_.give(frame, 1);
}

} // namespace tessera::vm
