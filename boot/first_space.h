// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The address space of VM, the only one that VM does not make itself: its image, a stack, the page with the boot
// information and the view of all RAM but the kernel's.

#include "boot/elf_image.h"
#include "boot/memory_plan.h"

namespace tessera::boot {

// Hands out zeroed frames from one piece of memory, upwards.
class FrameSource {
public:
    // `to_pointer`: how this code reaches a physical address (identity mapping on the machine, an array in tests).
    using ToPointer = std::byte* (*)(PhysicalAddress);
    FrameSource(PhysicalAddress begin, PhysicalAddress end, ToPointer to_pointer)
        : next_(begin),
          end_(end),
          to_pointer_(to_pointer) {}

    Result<PhysicalAddress> take(); // out_of_memory
    PhysicalAddress next() const { return next_; }
    std::byte* pointer(PhysicalAddress address) const { return to_pointer_(address); }

private:
    PhysicalAddress next_;
    PhysicalAddress end_;
    ToPointer to_pointer_;
};

enum class PageAccess : std::uint8_t { read, read_write, read_execute };

class FirstSpace {
public:
    static constexpr std::uint64_t stack_bytes = 64 * 1024;

    static Result<FirstSpace> create(FrameSource& frames);

    Completion map(VirtualAddress address, PhysicalAddress frame, PageAccess access);
    // Every segment in fresh frames.
    Completion load(std::span<const std::byte> file, const ElfImage& image);
    Completion map_stack();
    // All ranges but the kernel's, with 2 MiB pages.
    Completion map_view(std::span<const MemoryRange> ranges);

    std::uint64_t root_entry() const;

private:
    FirstSpace(FrameSource& frames, PhysicalAddress directories) : frames_(frames), directories_(directories) {}
    Result<std::uint64_t*> entry(VirtualAddress address, unsigned level);

    FrameSource& frames_;
    PhysicalAddress directories_; // the page-directory-pointer table: 512 GiB, all of user space
};

} // namespace tessera::boot
