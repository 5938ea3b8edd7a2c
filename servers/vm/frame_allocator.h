// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Physical memory page by page ("frames"): who uses it for what, and how often it is mapped.
//
// One record a frame, in one array by frame number: a lookup is an index, and no operation on a frame can fail for want
// of memory. The counts of `counts()` are exact: their sum is the total.

#include "kernel/abi/boot_info.h"
#include "kernel/abi/result.h"
#include "servers/vm/allocation_failures.h"
#include "servers/vm/free_list.h"
#include <array>
#include <span>

namespace tessera::vm {

enum class FrameUse : std::uint8_t {
    none = 0, // not handed out
    page_table = 1,
    vm_own = 2,
    process = 3,
    preserved = 4, // preserved and contiguous memory of services
    archive = 5,   // the boot archive: never handed out or freed, but processes share its pages
};
inline constexpr std::size_t frame_use_count = 6;

struct MemoryCounts { // in pages
    std::uint64_t total = 0;
    std::uint64_t free = 0;
    std::uint64_t largest_free_block = 0;
    std::uint64_t kernel = 0;
    std::uint64_t archive = 0;
    std::uint64_t page_tables = 0;
    std::uint64_t vm_own = 0;
    std::uint64_t process = 0;
    std::uint64_t preserved = 0;
};

// Frames that have no user any more, but may still be in a processor's cached translations. They are freed after the
// flush.
class CondemnedFrames {
public:
    bool empty() const { return count_ == 0; }

private:
    friend class FrameAllocator;
    std::uint32_t first_ = 0;
    std::uint32_t count_ = 0;
};

struct ContiguousRequest {
    std::uint64_t pages = 0;
    PhysicalAddress limit;                // where it must end
    std::uint64_t alignment = page_bytes; // in bytes, a power of two
};

class FrameAllocator {
public:
    static constexpr std::uint64_t reserve_pages = 32; // the last pages go to VM's own needs alone

    // fatal when there is no room for the records.
    FrameAllocator(PhysicalView view, std::span<const MemoryRange> ranges);
    FrameAllocator(const FrameAllocator&) = delete;
    FrameAllocator& operator=(const FrameAllocator&) = delete;

    // A frame with one reference and any contents. out_of_memory.
    Result<PhysicalAddress> allocate(FrameUse use);
    Result<PhysicalAddress> allocate_cleared(FrameUse use);

    // Cleared frames in one piece, one reference each. out_of_memory.
    Result<PhysicalAddress> allocate_contiguous(const ContiguousRequest& request, FrameUse use);

    // A promise that so many frames can be had next by allocate_promised. out_of_memory.
    Completion promise(std::uint64_t frames);
    PhysicalAddress allocate_promised(FrameUse use);

    void retain(PhysicalAddress frame) { ++record(frame).references; }
    void release(PhysicalAddress frame); // the last reference frees it
    std::uint32_t references(PhysicalAddress frame) const { return record(frame).references; }
    // In how many page tables it is by maps of granted memory (granted_maps.h). All of them and its owner write to it.
    std::uint32_t maps(PhysicalAddress frame) const { return record(frame).maps_or_next; }
    void add_map(PhysicalAddress frame) { ++record(frame).maps_or_next; }
    void drop_map(PhysicalAddress frame) { --record(frame).maps_or_next; }
    // Whether who writes to it gets a copy first.
    bool copied_on_write(PhysicalAddress frame) const {
        const Record& entry = record(frame);
        return entry.references > 1 && entry.maps_or_next == 0;
    }
    bool has_record(PhysicalAddress frame) const { return number_of(frame) < records_.size(); }

    // As release, but the frame stays away from other uses until `free`.
    void condemn(PhysicalAddress frame, CondemnedFrames& condemned);
    void free(CondemnedFrames& condemned);

    FrameUse use_of(PhysicalAddress frame) const { return static_cast<FrameUse>(record(frame).use); }
    std::uint64_t in_use(FrameUse use) const { return in_use_[static_cast<std::size_t>(use)]; } // frames
    // Calls `visitor(PhysicalAddress)` for each frame that holds the records.
    template <class Visitor> void for_each_record_frame(Visitor&& visitor) const {
        const PhysicalAddress first = view_.address_of(reinterpret_cast<const std::byte*>(records_.data()));
        for (std::uint64_t i = 0; i < pages_for(records_.size_bytes()); ++i) visitor(first + i * page_bytes);
    }

    // For tests: of the allocations here and in slabs.
    AllocationFailures& failures() { return failures_; }

    PhysicalView view() const { return view_; }
    const FreeList& free_list() const { return free_list_; }
    MemoryCounts counts() const;

private:
    struct Record {
        std::uint32_t references;
        std::uint32_t maps_or_next : 28; // how many maps; when condemned: the number of the next such frame
        std::uint32_t use : 4;
    };
    static_assert(sizeof(Record) == 8);

    static constexpr std::uint64_t number_of(PhysicalAddress frame) { return frame.value / page_bytes; }
    Record& record(PhysicalAddress frame) const {
        if (number_of(frame) >= records_.size()) [[unlikely]]
            no_such_frame();
        return records_[number_of(frame)];
    }
    [[noreturn]] static void no_such_frame();
    bool available(std::uint64_t pages, FrameUse use) const;
    void hand_out(PhysicalAddress base, std::uint64_t pages, FrameUse use);
    void take_back(PhysicalAddress frame);
    void make_records(PhysicalAddress limit);
    void keep_archive(std::span<const MemoryRange> ranges);

    AllocationFailures failures_;
    PhysicalView view_;
    FreeList free_list_;
    std::span<Record> records_;
    std::array<std::uint64_t, frame_use_count> in_use_{};
    MemoryCounts fixed_; // total, kernel, archive; vm_own of the boot stage and of the records
};

} // namespace tessera::vm
