// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The memory of one space's page tables (the policy of PageTable): frames on the process's budget. Entries in use are
// counted as further references of the table's frame.

#include "servers/vm/budget.h"
#include "servers/vm/frame_allocator.h"
#include "servers/vm/page_entry.h"

namespace tessera::vm {

class SpaceTables {
public:
    SpaceTables(FrameAllocator& frames, Budget& budget, CondemnedFrames& condemned)
        : frames_(frames),
          budget_(budget),
          condemned_(condemned) {}

    PageEntry read(PhysicalAddress table, std::size_t index) const {
        return PageEntry::from_raw(*reinterpret_cast<const volatile std::uint64_t*>(at(table, index)));
    }
    void write(PhysicalAddress table, std::size_t index, PageEntry entry) {
        *reinterpret_cast<volatile std::uint64_t*>(at(table, index)) = entry.raw();
    }
    std::size_t next_used(PhysicalAddress table, std::size_t from, std::size_t end) const {
        return next_used_entry(frames_.view().at(table), from, end);
    }
    Result<PhysicalAddress> make_table() {
        TESSERA_TRY(budget_.take());
        const auto table = frames_.allocate_cleared(FrameUse::page_table);
        if (table.has_value())
            ++count_;
        else
            budget_.give();
        return table;
    }
    void free_table(PhysicalAddress table) {
        frames_.condemn(table, condemned_);
        budget_.give();
        --count_;
    }
    void count_entry(PhysicalAddress table) { frames_.retain(table); }
    std::uint32_t uncount_entry(PhysicalAddress table) {
        frames_.release(table);
        return frames_.references(table) - 1;
    }

    std::uint32_t count() const { return count_; }

private:
    std::byte* at(PhysicalAddress table, std::size_t index) const {
        return frames_.view().at(table) + index * sizeof(std::uint64_t);
    }

    FrameAllocator& frames_;
    Budget& budget_;
    CondemnedFrames& condemned_;
    std::uint32_t count_ = 0;
};

} // namespace tessera::vm
