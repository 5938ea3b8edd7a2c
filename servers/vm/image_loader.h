// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Loads a program into a space: its segments page by page, and its first stack. Where a page of a segment is a page of
// the boot archive, as it is for all whole pages of an archive of ours, the process shares that one, copied when it is
// written to; other pages are put together in frames of their own.

#include "boot/elf_image.h"
#include "servers/vm/first_stack.h"
#include "servers/vm/programs.h"
#include "servers/vm/space.h"
#include <span>

namespace tessera::vm {

struct LoadedProgram {
    VirtualAddress entry;
    VirtualAddress stack;
};

class ImageLoader {
public:
    explicit ImageLoader(const SpaceEnvironment& environment) : environment_(environment) {}

    // not_executable, out_of_memory, too_big or invalid (the arguments). After a failure nothing of the program is left
    // in the space.
    Result<LoadedProgram> load(Space& space, const Program& program, const ProgramArguments& arguments,
                               const RandomSeed& seed);

    // Removes a program that did not start.
    static void unload(Space& space);

private:
    Result<LoadedProgram> try_load(Space& space, const Program& program, const ProgramArguments& arguments,
                                   const RandomSeed& seed);
    Completion load_segment(Space& space, const Program& program, const boot::ElfSegment& segment);
    Completion load_page(Space& space, const Program& program, const boot::ElfSegment& segment, VirtualAddress page);
    Completion load_stack(Space& space, const FirstStack& stack);

    SpaceEnvironment environment_;
};

} // namespace tessera::vm
