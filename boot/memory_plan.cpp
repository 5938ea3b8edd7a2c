// SPDX-License-Identifier: BSD-3-Clause
#include "boot/memory_plan.h"
#include "kernel/abi/user_layout.h"

namespace tessera::boot {

namespace {

constexpr PhysicalAddress firmware_end{page_bytes};
// VM's view reaches no further; more memory is left unused.
constexpr PhysicalAddress usable_end{user_layout::physical_view_bytes};

PhysicalAddress end_of(const MemoryRange& range) {
    return range.bytes > ~range.base.value ? PhysicalAddress{~0ull} : range.base + range.bytes;
}
PhysicalAddress smaller(PhysicalAddress a, PhysicalAddress b) { return a < b ? a : b; }
PhysicalAddress larger(PhysicalAddress a, PhysicalAddress b) { return a < b ? b : a; }

} // namespace

MemoryPlan::MemoryPlan(std::span<const MemoryRange> reported) {
    for (const MemoryRange& range : reported)
        if (range.kind == MemoryKind::free && range.base < usable_end)
            add(larger(range.base, firmware_end).page_up(), smaller(end_of(range), usable_end).page());
    for (const MemoryRange& range : reported)
        if (range.kind != MemoryKind::free && range.bytes != 0) {
            const PhysicalAddress end = end_of(range);
            remove(range.base.page(), end < usable_end ? end.page_up() : usable_end);
        }
}

// Adds free memory, merged with what it touches or overlaps.
void MemoryPlan::add(PhysicalAddress base, PhysicalAddress end) {
    if (base >= end) return;
    std::size_t position = 0;
    while (position < count_ && end_of(ranges_[position]) < base) ++position;
    std::size_t last = position;
    while (last < count_ && ranges_[last].base <= end) {
        base = smaller(base, ranges_[last].base);
        end = larger(end, end_of(ranges_[last]));
        ++last;
    }
    const MemoryRange merged{base, end - base, MemoryKind::free, 0};
    if (position == last) {
        (void)insert(position, merged); // a full table leaves the range unused
        return;
    }
    ranges_[position] = merged;
    for (std::size_t i = last; i < count_; ++i) ranges_[position + 1 + i - last] = ranges_[i];
    count_ -= last - position - 1;
}

void MemoryPlan::remove(PhysicalAddress base, PhysicalAddress end) {
    for (std::size_t i = 0; i < count_;) {
        const MemoryRange range = ranges_[i];
        const PhysicalAddress cut_base = larger(base, range.base), cut_end = smaller(end, end_of(range));
        if (cut_base >= cut_end) {
            ++i;
            continue;
        }
        ranges_[i].bytes = cut_base - range.base;
        if (const std::uint64_t rest = end_of(range) - cut_end; rest != 0)
            (void)insert(i + 1, {cut_end, rest, MemoryKind::free, 0});
        if (ranges_[i].bytes != 0) {
            ++i;
            continue;
        }
        for (std::size_t j = i + 1; j < count_; ++j) ranges_[j - 1] = ranges_[j];
        --count_;
    }
}

Completion MemoryPlan::insert(std::size_t position, MemoryRange range) {
    if (count_ == ranges_.size()) return Status::no_space;
    for (std::size_t i = count_; i > position; --i) ranges_[i] = ranges_[i - 1];
    ranges_[position] = range;
    ++count_;
    return Done{};
}

Completion MemoryPlan::claim(PhysicalAddress base, std::uint64_t bytes, MemoryKind kind) {
    if (bytes == 0 || bytes > usable_end.value || base >= usable_end) return Status::invalid;
    const PhysicalAddress begin = base.page(), end = (base + bytes).page_up();
    for (std::size_t i = 0; i < count_; ++i) {
        const MemoryRange range = ranges_[i];
        if (range.kind != MemoryKind::free || begin < range.base || end > end_of(range)) continue;
        if (count_ + 2 > ranges_.size()) return Status::no_space;
        ranges_[i] = {begin, end - begin, kind, 0};
        if (end != end_of(range)) (void)insert(i + 1, {end, end_of(range) - end, MemoryKind::free, 0});
        if (begin != range.base) (void)insert(i, {range.base, begin - range.base, MemoryKind::free, 0});
        return Done{};
    }
    return Status::invalid;
}

MemoryRange MemoryPlan::largest_free_below(PhysicalAddress limit) const {
    MemoryRange best;
    for (MemoryRange range : ranges()) {
        if (range.kind != MemoryKind::free || range.base >= limit) continue;
        range.bytes = smaller(end_of(range), limit) - range.base;
        if (range.bytes > best.bytes) best = range;
    }
    return best;
}

std::uint64_t MemoryPlan::ram_bytes() const {
    std::uint64_t bytes = 0;
    for (const MemoryRange& range : ranges()) bytes += range.bytes;
    return bytes;
}

PhysicalAddress MemoryPlan::ram_end() const { return count_ == 0 ? PhysicalAddress{} : end_of(ranges_[count_ - 1]); }

} // namespace tessera::boot
