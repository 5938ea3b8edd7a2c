// SPDX-License-Identifier: BSD-3-Clause
#include "servers/vm/image_loader.h"
#include "kernel/abi/user_layout.h"
#include <algorithm>

namespace tessera::vm {
namespace {

using boot::ElfImage;
using boot::ElfSegment;
using boot::SegmentAccess;

constexpr AddressRange program_range{{0}, user_layout::anonymous};
constexpr AddressRange stack_range{user_layout::stack_end - user_layout::stack_bytes, user_layout::stack_end};

PageAccess access_of(SegmentAccess access) {
    switch (access) {
    case SegmentAccess::read:
        return PageAccess::read;
    case SegmentAccess::read_write:
        return PageAccess::read_write;
    case SegmentAccess::read_execute:
        return PageAccess::read_execute;
    }
    return PageAccess::none;
}

} // namespace

Result<LoadedProgram> ImageLoader::load(Space& space, const Program& program, const ProgramArguments& arguments,
                                        const RandomSeed& seed) {
    auto result = try_load(space, program, arguments, seed);
    if (!result.has_value()) unload(space);
    return result;
}

void ImageLoader::unload(Space& space) {
    // Neither range has memory that cannot be unmapped, nor a region over its ends: this cannot fail.
    (void)space.unmap(program_range);
    (void)space.unmap(stack_range);
    space.start_heap({}); // there is none
}

Result<LoadedProgram> ImageLoader::try_load(Space& space, const Program& program, const ProgramArguments& arguments,
                                            const RandomSeed& seed) {
    const std::span head = program.file.first(std::min<std::size_t>(program.file.size(), ElfImage::head_bytes));
    const ElfImage image = TESSERA_TRY(ElfImage::open(head, program.file.size()));
    VirtualAddress end;
    for (const ElfSegment& segment : image.segments()) {
        TESSERA_TRY(load_segment(space, program, segment));
        end = std::max(end, segment.end_page());
    }
    space.start_heap(end);

    FirstStack stack;
    TESSERA_TRY(stack.build(arguments, image, seed));
    TESSERA_TRY(load_stack(space, stack));
    return LoadedProgram{.entry = image.entry(), .stack = stack.pointer()};
}

Completion ImageLoader::load_segment(Space& space, const Program& program, const ElfSegment& segment) {
    const auto& types = environment_.types;
    TESSERA_TRY(space.map({.range = {segment.first_page(), segment.end_page()},
                           .access = access_of(segment.access),
                           .type = segment.access == SegmentAccess::read_execute ? &types.code : &types.data}));
    const VirtualAddress file_end = segment.address + segment.file_bytes; // behind it: zero, on demand
    for (VirtualAddress page = segment.first_page(); page < file_end; page = page + page_bytes)
        TESSERA_TRY(load_page(space, program, segment, page));
    return Done{};
}

Completion ImageLoader::load_page(Space& space, const Program& program, const ElfSegment& segment,
                                  VirtualAddress page) {
    const VirtualAddress start = std::max(page, segment.address);
    const VirtualAddress end = std::min(page + page_bytes, segment.address + segment.file_bytes);
    const std::uint64_t offset = segment.file_offset + (start - segment.address);
    const PhysicalAddress place = program.base + offset;
    if (end - start == page_bytes && place.page_aligned()) {
        environment_.frames.retain(place);
        return space.attach(page, place);
    }
    const PhysicalAddress frame = TESSERA_TRY(environment_.frames.allocate(FrameUse::process));
    const std::span bytes = environment_.frames.view().page(frame);
    std::ranges::fill(bytes.first(start - page), std::byte{0});
    std::ranges::fill(bytes.subspan(end - page), std::byte{0});
    std::ranges::copy(program.file.subspan(offset, end - start),
                      bytes.begin() + static_cast<std::ptrdiff_t>(start - page));
    return space.attach(page, frame);
}

Completion ImageLoader::load_stack(Space& space, const FirstStack& stack) {
    TESSERA_TRY(space.map({.range = stack_range, .access = PageAccess::read_write, .type = &environment_.types.stack}));
    const std::span contents = stack.bytes();
    for (VirtualAddress page = stack.pointer().page(); page < user_layout::stack_end; page = page + page_bytes) {
        const PhysicalAddress frame = TESSERA_TRY(environment_.frames.allocate_cleared(FrameUse::process));
        const VirtualAddress start = std::max(page, stack.pointer());
        const std::span part = contents.subspan(start - stack.pointer(), page + page_bytes - start);
        std::ranges::copy(part, environment_.frames.view().at(frame) + (start - page));
        TESSERA_TRY(space.attach(page, frame));
    }
    return Done{};
}

} // namespace tessera::vm
