// SPDX-License-Identifier: BSD-3-Clause
#include "tests/soak/mappings.h"
#include <cerrno>
#include <cstring>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace tessera::soak {

namespace {

constexpr int read_write = PROT_READ | PROT_WRITE;

std::byte* program_break(std::byte* end) { return reinterpret_cast<std::byte*>(syscall(SYS_brk, end)); }

} // namespace

bool Mappings::holds(const std::byte* page, std::uint64_t mark) {
    std::uint64_t first = 0, last = 0;
    std::memcpy(&first, page, sizeof(first));
    std::memcpy(&last, page + page_bytes - sizeof(last), sizeof(last));
    return first == mark && last == (mark == 0 ? 0 : ~mark);
}

void Mappings::write(std::byte* page, std::uint64_t mark) {
    const std::uint64_t last = ~mark;
    std::memcpy(page, &mark, sizeof(mark));
    std::memcpy(page + page_bytes - sizeof(last), &last, sizeof(last));
}

Mappings::Mapping* Mappings::any_used() {
    Mapping& mapping = mappings_[random_.below(mapping_limit)];
    return mapping.memory == nullptr ? nullptr : &mapping;
}

Mappings::Part Mappings::any_part(const Mapping& mapping) {
    const std::size_t first = random_.below(mapping.pages);
    return {first, 1 + random_.below(mapping.pages - first)};
}

bool Mappings::map() {
    for (Mapping& mapping : mappings_) {
        if (mapping.memory != nullptr) continue;
        const std::size_t pages = 1 + random_.below(page_limit);
        void* const memory = mmap(nullptr, pages * page_bytes, read_write, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED) return errno == ENOMEM;
        mapping = {.memory = static_cast<std::byte*>(memory), .pages = pages};
        for (std::size_t i = 0; i < pages; ++i) mapping.page[i].mapped = true;
        return true;
    }
    return true;
}

bool Mappings::unmap_part() {
    Mapping* mapping = any_used();
    if (mapping == nullptr) return true;
    const Part part = random_.one_in(3) ? Part{0, mapping->pages} : any_part(*mapping);
    // Only what is its own: another mapping may lie in a hole.
    for (std::size_t i = part.first; i < part.first + part.count; ++i) {
        std::size_t end = i;
        while (end < part.first + part.count && mapping->page[end].mapped) ++end;
        if (end == i) continue;
        if (munmap(mapping->memory + i * page_bytes, (end - i) * page_bytes) != 0) return errno == ENOMEM;
        for (; i < end; ++i) mapping->page[i] = {};
    }
    bool any = false;
    for (std::size_t i = 0; i < mapping->pages; ++i) any = any || mapping->page[i].mapped;
    if (!any) *mapping = {};
    return true;
}

bool Mappings::touch() {
    Mapping* mapping = any_used();
    if (mapping == nullptr) return true;
    const Part part = any_part(*mapping);
    for (std::size_t i = part.first; i < part.first + part.count; ++i) {
        if (!mapping->page[i].mapped) continue;
        std::byte* const page = mapping->memory + i * page_bytes;
        if (!holds(page, mapping->page[i].mark)) return false;
        mapping->page[i].mark = random_.word() | 1;
        write(page, mapping->page[i].mark);
    }
    return true;
}

// Takes the right to write away, looks, and gives it back; over a hole neither is done.
bool Mappings::protect() {
    Mapping* mapping = any_used();
    if (mapping == nullptr) return true;
    const Part part = any_part(*mapping);
    for (std::size_t i = part.first; i < part.first + part.count; ++i)
        if (!mapping->page[i].mapped) return true;
    std::byte* const start = mapping->memory + part.first * page_bytes;
    if (mprotect(start, part.count * page_bytes, PROT_READ) != 0) return errno == ENOMEM;
    bool right = true;
    for (std::size_t i = 0; i < part.count; ++i)
        right = right && holds(start + i * page_bytes, mapping->page[part.first + i].mark);
    return mprotect(start, part.count * page_bytes, read_write) == 0 && right;
}

bool Mappings::move_heap() {
    if (heap_start_ == nullptr) {
        std::byte* const end = program_break(nullptr);
        heap_start_ = end + (0 - reinterpret_cast<std::uintptr_t>(end)) % page_bytes;
    }
    const std::size_t pages = random_.below(page_limit + 1);
    std::byte* const end = heap_start_ + pages * page_bytes;
    if (program_break(end) != end) return pages > heap_pages_; // no memory for more
    for (std::size_t i = heap_pages_; i < pages; ++i) {
        if (!holds(heap_start_ + i * page_bytes, 0)) return false;
        heap_marks_[i] = random_.word() | 1;
        write(heap_start_ + i * page_bytes, heap_marks_[i]);
    }
    heap_pages_ = pages;
    return true;
}

bool Mappings::intact() const {
    for (const Mapping& mapping : mappings_)
        for (std::size_t i = 0; i < mapping.pages; ++i)
            if (mapping.page[i].mapped && !holds(mapping.memory + i * page_bytes, mapping.page[i].mark)) return false;
    for (std::size_t i = 0; i < heap_pages_; ++i)
        if (!holds(heap_start_ + i * page_bytes, heap_marks_[i])) return false;
    return true;
}

} // namespace tessera::soak
